// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Platforms;

/// <summary>A PC with a VT-d or AMD-Vi IOMMU: groups by ACS and aliases, one aperture for all of them.</summary>
public sealed class X86Platform : MachinePlatform
{
    /// <summary>Builds the machine; models come from <paramref name="catalog"/>.</summary>
    /// <exception cref="MachineFormatException">A device names a model that the catalog does not know.</exception>
    public X86Platform(MachineDescription machine, IDeviceCatalog catalog)
        : base(machine, catalog)
    {
        Populate(InitialFunctions, topology =>
        {
            IReadOnlyList<IReadOnlyList<PciFunction>> groups = IommuGrouping.Compute(topology);
            return [.. groups.Select((members, number) => MakeGroup(number, members))];
        });
    }

    /// <inheritdoc/>
    public override bool CanAllocateMsixVectors => true;

    /// <inheritdoc/>
    protected override PlatformGroup PlaceNew(PciFunction function, PciTopology topology)
    {
        ArgumentNullException.ThrowIfNull(function);
        PciFunction? peer = IommuGrouping.FindPeer(topology, Groups.Select(group => group.Functions), function);
        if (peer is null) return MakeGroup(FreeGroupNumber(), [function]);
        PlatformGroup joined = GroupOf(peer);
        return joined with { Functions = [.. joined.Functions.Append(function).OrderBy(member => member.Address)] };
    }

    private PlatformGroup MakeGroup(int number, IReadOnlyList<PciFunction> members)
    {
        IommuDescription iommu = Machine.Iommu;
        var last = new Iova(iommu.ApertureBits == 64 ? ulong.MaxValue : (1UL << iommu.ApertureBits) - 1);
        return new PlatformGroup(number, members, iommu.Reserved, iommu.PageSizes, new Iova(0), last);
    }
}
