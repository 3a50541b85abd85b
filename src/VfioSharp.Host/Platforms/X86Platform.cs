// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Platforms;

/// <summary>A PC with a VT-d or AMD-Vi IOMMU: groups by ACS and aliases, one aperture for all of them.</summary>
public sealed class X86Platform : HostPlatform
{
    private readonly Dictionary<PciFunction, string?> _drivers = [];
    private readonly Dictionary<PciAddress, DeviceDescription> _virtualFunctions = [];
    private readonly IDeviceCatalog _catalog;

    /// <summary>Builds the machine; models come from <paramref name="catalog"/>.</summary>
    /// <exception cref="MachineFormatException">A device names a model that the catalog does not know.</exception>
    public X86Platform(MachineDescription machine, IDeviceCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(catalog);
        Machine = machine;
        _catalog = catalog;
        var functions = new List<PciFunction>();
        foreach (DeviceDescription device in machine.Devices)
        {
            PciFunction function = Create(device);
            functions.Add(function);
            _drivers.Add(function, device.Driver);
            if (device.VirtualFunction is not { } virtualFunction) continue;
            // A model that is not known is told of now, not when it is wanted.
            _ = Create(virtualFunction);
            _virtualFunctions.Add(device.Address, virtualFunction);
        }

        functions.Sort((left, right) => left.Address.CompareTo(right.Address));
        Populate(functions, topology =>
        {
            IReadOnlyList<IReadOnlyList<PciFunction>> groups = IommuGrouping.Compute(topology);
            return [.. groups.Select((members, number) => MakeGroup(number, members))];
        });
    }

    /// <summary>What the platform was built from.</summary>
    public MachineDescription Machine { get; }

    /// <inheritdoc/>
    public override string Name => Machine.Name;

    /// <inheritdoc/>
    public override int PageSize => Machine.PageSize;

    /// <inheritdoc/>
    public override uint DmaEntryLimit => Machine.DmaEntryLimit;

    /// <inheritdoc/>
    public override bool CanAllocateMsixVectors => true;

    /// <inheritdoc/>
    public override bool FaultsInMsixTable => Machine.FaultsInMsixTable;

    /// <inheritdoc/>
    public override string? InitialDriver(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return _drivers.GetValueOrDefault(function);
    }

    /// <inheritdoc/>
    public override PciFunction? MakeVirtualFunction(PciFunction physical, int index)
    {
        ArgumentNullException.ThrowIfNull(physical);
        if (!_virtualFunctions.TryGetValue(physical.Address, out DeviceDescription? description)) return null;
        if (SriovCapability.Find(physical) is not { } sriov || !sriov.TryAddress(physical.Address, index, out PciAddress address)) return null;
        PciFunction function = Create(description with
        {
            Address = address,
            Alias = Machine.Aliases.FirstOrDefault(alias => alias.Address == address).Name,
            Bars = [.. description.Bars.Select(bar => bar with { Start = bar.Start + (bar.Size * (ulong)index) })],
        });
        function.PhysicalFunction = physical;
        return function;
    }

    /// <inheritdoc/>
    protected override PlatformGroup PlaceNew(PciFunction function, PciTopology topology)
    {
        ArgumentNullException.ThrowIfNull(function);
        PciFunction? peer = IommuGrouping.FindPeer(topology, Groups.Select(group => group.Functions), function);
        if (peer is null) return MakeGroup(FreeGroupNumber(), [function]);
        PlatformGroup joined = GroupOf(peer);
        return joined with { Functions = [.. joined.Functions.Append(function).OrderBy(member => member.Address)] };
    }

    /// <summary>The function at an address, or null.</summary>
    public PciFunction? Find(PciAddress address) => Topology.Find(address);

    /// <summary>The function a script's name stands for, or null.</summary>
    public PciFunction? FindAlias(string alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        foreach (MachineAlias candidate in Machine.Aliases)
        {
            if (candidate.Name == alias) return Topology.Find(candidate.Address);
        }

        return null;
    }

    /// <summary>The group a function is in.</summary>
    public PlatformGroup GroupOf(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Groups.First(group => group.Functions.Contains(function));
    }

    private PciFunction Create(DeviceDescription device) => _catalog.Create(device) ?? throw new MachineFormatException(
        Machine.Name, $"$.devices ({device.Address}).model", 0, string.Join(" or ", _catalog.Models), $"\"{device.Model}\"");

    private PlatformGroup MakeGroup(int number, IReadOnlyList<PciFunction> members)
    {
        IommuDescription iommu = Machine.Iommu;
        var last = new Iova(iommu.ApertureBits == 64 ? ulong.MaxValue : (1UL << iommu.ApertureBits) - 1);
        return new PlatformGroup(number, members, iommu.Reserved, iommu.PageSizes, new Iova(0), last);
    }
}
