// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

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
        if (FindEndpoint(function) is not { } endpoint) return null;
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
        endpoint = PseriesTableGroup.IsEndpoint(node) ? new PseriesTableGroup(this, node, TceDomain.MaxWindows) : null;
        _endpoints.Add(segment, endpoint);
        return endpoint;
    }

    // The endpoint of a function that comes later.
    private PseriesTableGroup? FindEndpoint(PciFunction function)
    {
        // The hypervisor has each virtual function as an endpoint of its own, with room for one window.
        if (function.PhysicalFunction is not null)
        {
            return NodeOf(function, function.Address.ToString()) is { } own ? new PseriesTableGroup(this, own, Machine.Pseries.VirtualFunctionWindows) : null;
        }

        int segment = function.Address.Segment;
        bool hasNode = _endpoints.ContainsKey(segment) || Machine.HostBridges.Any(bridge => bridge.Segment == segment);
        if (hasNode)
        {
            // pci_dma_dev_setup_pSeriesLP: while VFIO has the endpoint without a window, its node has no window's property.
            PseriesTableGroup? endpoint = Endpoint(function);
            return endpoint is { CanBeFound: true } || Machine.Pseries.KeepsHotplugWindows ? endpoint : null;
        }

        // Without a node nothing tells of a window; where windows are kept it has one as the others do.
        if (!Machine.Pseries.KeepsHotplugWindows || NodeOf(function, $"pci@{segment:x4}") is not { } node) return null;
        return _endpoints[segment] = new PseriesTableGroup(this, node, TceDomain.MaxWindows);
    }

    // A node with the window of a host bridge, its own segment's if it has one, under a logical bus number of its own.
    private DeviceTreeNode? NodeOf(PciFunction function, string name)
    {
        HostBridgeDescription? like = Machine.HostBridges.OrderByDescending(bridge => bridge.Segment == function.Address.Segment).FirstOrDefault();
        if (like is null || !PseriesTableGroup.IsEndpoint(new DeviceTreeNode(name, like.Properties))) return null;
        return new DeviceTreeNode(name, like.Properties.Select(property => property.Key == PseriesTableGroup.DefaultProperty
            ? KeyValuePair.Create<string, ReadOnlyMemory<byte>>(property.Key, WithLiobn(property.Value, function.Address))
            : property));
    }

    // 0x80000000, the segment, the place on its bus: as the machines' host bridges have it with place 0.
    private static byte[] WithLiobn(ReadOnlyMemory<byte> window, PciAddress address)
    {
        byte[] copy = window.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(copy, 0x8000_0000 | ((uint)address.Segment << 16) | ((uint)address.DeviceFunction << 8));
        return copy;
    }

    // A virtual function's endpoint goes with it; a host bridge's stays, marks of failures included.
    private protected override void RemoveGroup(PlatformGroup group)
    {
        if (!_endpoints.ContainsValue((PseriesTableGroup)group.Tables!)) group.Tables!.Retire(isTaken: false);
    }
}
