// SPDX-License-Identifier: MIT
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Platforms;

/// <summary>A POWER machine: PCI host bridges as its device tree describes them, endpoints whose DMA goes through TCE tables.</summary>
public abstract class PowerPlatform : MachinePlatform
{
    private protected PowerPlatform(MachineDescription machine, IDeviceCatalog catalog)
        : base(machine, catalog)
    {
    }

    /// <summary>What happened to the endpoints' windows.</summary>
    public TceTrace Trace { get; } = new();

    /// <summary>Whether the platform handles errors of its endpoints (eeh_enabled).</summary>
    public bool IsEehEnabled => Eeh.IsEnabled;

    /// <summary>The endpoints as error handling sees them.</summary>
    internal abstract override EehSubsystem Eeh { get; }

    /// <summary>The machine's physical addresses.</summary>
    internal HostPhysicalMemory Memory { get; } = new();

    /// <summary>An IOMMU group for an endpoint: no range is reserved, and the windows say what is translated.</summary>
    private protected static PlatformGroup MakeGroup(int number, IReadOnlyList<PciFunction> members, IommuTableGroup tables) =>
        new(number, members, [], tables.PageSizes, new Iova(0), new Iova(ulong.MaxValue)) { Tables = tables };

    /// <summary>The device-tree node of the host bridge that a function is below.</summary>
    private protected DeviceTreeNode HostBridge(PciFunction function)
    {
        HostBridgeDescription bridge = Machine.HostBridges.FirstOrDefault(bridge => bridge.Segment == function.Address.Segment)
            ?? throw new MachineFormatException(Machine.Name, "$.hostBridges", 0, $"a host bridge of segment {function.Address.Segment:x4}, where {function.Address} is", "none");
        return new DeviceTreeNode(bridge.Node, bridge.Properties);
    }
}
