// SPDX-License-Identifier: MIT
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.Platforms.Pseries;

/// <summary>POWER under a hypervisor: a partitionable endpoint where the device tree has a DMA window (platforms/pseries/iommu.c).</summary>
public sealed class PseriesPlatform : PowerPlatform
{
    // PE configuration address of bus 0, as firmware gives it (ibm,get-config-addr-info2).
    private const int RootEndpoint = 1;

    private readonly Dictionary<int, PseriesTableGroup?> _endpoints = [];

    /// <summary>Builds the machine; models come from <paramref name="catalog"/>.</summary>
    /// <exception cref="MachineFormatException">A device names a model that the catalog does not know, or a host bridge is missing.</exception>
    public PseriesPlatform(MachineDescription machine, IDeviceCatalog catalog)
        : base(machine, catalog)
    {
        Populate(InitialFunctions, MakeGroups);
        foreach (PciFunction function in Topology.InScanOrder()) AddToBus(function);
    }

    /// <inheritdoc/>
    internal override EehSubsystem Eeh { get; } = new(new PseriesEeh());

    /// <inheritdoc/>
    protected override PlatformGroup? PlaceNew(PciFunction function, PciTopology topology)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (Endpoint(function) is not { } endpoint) return null;
        PlatformGroup? joined = Groups.FirstOrDefault(group => group.Tables == endpoint);
        return joined is not null
            ? joined with { Functions = [.. joined.Functions.Append(function).OrderBy(member => member.Address)] }
            : MakeGroup(FreeGroupNumber(), [function], endpoint);
    }

    // pseries_eeh_init_edev: all below a host bridge is one endpoint of the hypervisor's, where its firmware has EEH for it.
    private protected override void AddToBus(PciFunction function)
    {
        if (Machine.Eeh == EehBehaviour.Qemu) return;
        EehPe pe = Eeh.Endpoints.FirstOrDefault(pe => pe.Phb.Segment == function.Address.Segment)
            ?? Eeh.Add(new EehPhb(function.Address.Segment), RootEndpoint, EehPeKind.Bus, null);
        Eeh.Join(pe, function);
    }

    // pci_dma_dev_setup_pSeriesLP: all below the node with the window are one group; without one there is no group.
    private List<PlatformGroup> MakeGroups(PciTopology topology)
    {
        var members = new List<(PseriesTableGroup Endpoint, List<PciFunction> Functions)>();
        foreach (PciFunction function in topology.InScanOrder())
        {
            if (Endpoint(function) is not { } endpoint) continue;
            int at = members.FindIndex(entry => entry.Endpoint == endpoint);
            if (at >= 0) members[at].Functions.Add(function);
            else members.Add((endpoint, [function]));
        }

        return [.. members.Select((entry, number) => MakeGroup(number, entry.Functions, entry.Endpoint))];
    }

    private PseriesTableGroup? Endpoint(PciFunction function)
    {
        int segment = function.Address.Segment;
        if (_endpoints.TryGetValue(segment, out PseriesTableGroup? endpoint)) return endpoint;
        DeviceTreeNode node = HostBridge(function);
        endpoint = PseriesTableGroup.IsEndpoint(node) ? new PseriesTableGroup(this, node, Machine.FirmwarePageSizes) : null;
        _endpoints.Add(segment, endpoint);
        return endpoint;
    }
}
