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
    private readonly Dictionary<string, PciFunction> _byAlias = [];

    /// <summary>Builds the machine; models come from <paramref name="catalog"/>.</summary>
    /// <exception cref="MachineFormatException">A device names a model that the catalog does not know.</exception>
    public X86Platform(MachineDescription machine, IDeviceCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(catalog);
        Machine = machine;
        var functions = new List<PciFunction>();
        foreach (DeviceDescription device in machine.Devices)
        {
            PciFunction function = catalog.Create(device) ?? throw new MachineFormatException(
                machine.Name, $"$.devices ({device.Address}).model", 0, string.Join(" or ", catalog.Models), $"\"{device.Model}\"");
            functions.Add(function);
            _drivers.Add(function, device.Driver);
        }

        functions.Sort((left, right) => left.Address.CompareTo(right.Address));
        Functions = functions;
        var last = new Iova(machine.Iommu.ApertureBits == 64 ? ulong.MaxValue : (1UL << machine.Iommu.ApertureBits) - 1);
        var groups = new List<PlatformGroup>();
        foreach (IReadOnlyList<PciFunction> members in IommuGrouping.Compute(Topology))
        {
            groups.Add(new PlatformGroup(groups.Count, members, machine.Iommu.Reserved, machine.Iommu.PageSizes, new Iova(0), last));
        }

        Groups = groups;
        foreach (MachineAlias alias in machine.Aliases)
        {
            if (Topology.Find(alias.Address) is { } function) _byAlias.TryAdd(alias.Name, function);
        }
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
    public override IReadOnlyList<PciFunction> Functions { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<PlatformGroup> Groups { get; }

    /// <inheritdoc/>
    public override string? InitialDriver(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return _drivers.GetValueOrDefault(function);
    }

    /// <summary>The function at an address, or null.</summary>
    public PciFunction? Find(PciAddress address) => Topology.Find(address);

    /// <summary>The function a script's name stands for, or null.</summary>
    public PciFunction? FindAlias(string alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        return _byAlias.GetValueOrDefault(alias);
    }

    /// <summary>The group a function is in.</summary>
    public PlatformGroup GroupOf(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Groups.First(group => group.Functions.Contains(function));
    }
}
