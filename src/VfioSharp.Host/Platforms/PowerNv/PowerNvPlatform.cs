// SPDX-License-Identifier: MIT
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Host.Platforms.PowerNv;

/// <summary>Bare-metal POWER: a partitionable endpoint a bus, and one a virtual function (powernv/pci-ioda.c).</summary>
public sealed class PowerNvPlatform : PowerPlatform
{
    // Endpoints by bus. Functions come one at a time: at the start, later under the group registry's lock.
    private readonly Dictionary<uint, EehPe> _endpoints = [];

    /// <summary>Builds the machine; models come from <paramref name="catalog"/>.</summary>
    /// <exception cref="MachineFormatException">A device names a model that the catalog does not know, or a host bridge is missing.</exception>
    public PowerNvPlatform(MachineDescription machine, IDeviceCatalog catalog)
        : base(machine, catalog)
    {
        Eeh = new EehSubsystem(new PowerNvEeh(PowerNvFirmware.Of(machine.Eeh), () => Topology));
        Populate(InitialFunctions, MakeGroups);
        foreach (PciFunction function in Topology.InScanOrder()) AddToBus(function);
    }

    /// <inheritdoc/>
    internal override EehSubsystem Eeh { get; }

    /// <inheritdoc/>
    protected override PlatformGroup PlaceNew(PciFunction function, PciTopology topology)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(topology);

        // pci-sriov.c: each virtual function is an endpoint of its own.
        PlatformGroup? joined = function.PhysicalFunction is not null
            ? null
            : Groups.FirstOrDefault(group => group.Functions.Any(member => EndpointBus(member, topology) == EndpointBus(function, topology)));
        if (joined is not null) return joined with { Functions = [.. joined.Functions.Append(function).OrderBy(member => member.Address)] };
        int number = FreeGroupNumber();
        return MakeGroup(number, [function], MakeTables(function, 0x80 + number));
    }

    // pnv_ioda_release_pe
    private protected override void RemoveGroup(PlatformGroup group) => group.Tables!.Retire(isTaken: false);

    // pnv_eeh_probe: bridges have endpoints too; above a function's is that of the bridge (for a virtual one: of the
    // physical function) it is below.
    private protected override void AddToBus(PciFunction function)
    {
        EehPe? upstream = (function.PhysicalFunction ?? Topology.BridgeAbove(function)) is { } above ? EehSubsystem.Find(above) : null;
        uint bus = EndpointBus(function, Topology);
        bool isVirtual = function.PhysicalFunction is not null;
        if (isVirtual)
        {
            Eeh.Join(Eeh.Add(PhbOf(function), 0x80 + GroupOf(function).Id, EehPeKind.VirtualFunction, upstream), function);
            return;
        }

        // One that lost its last function is gone.
        if (!_endpoints.TryGetValue(bus, out EehPe? shared) || shared is { Members.Count: 0, Children.Count: 0 })
        {
            _endpoints[bus] = shared = Eeh.Add(PhbOf(function), (int)(bus & 0xff), EehPeKind.Bus, upstream);
        }

        Eeh.Join(shared, function);
    }

    private EehPhb PhbOf(PciFunction function) =>
        Eeh.Endpoints.Select(pe => pe.Phb).FirstOrDefault(phb => phb.Segment == function.Address.Segment) ?? new EehPhb(function.Address.Segment);

    // pnv_pci_ioda_dma_dev_setup: an endpoint gets its tables with the first function that is no bridge; bridges that
    // were found before it are in no group.
    private List<PlatformGroup> MakeGroups(PciTopology topology)
    {
        var buses = new List<(uint Bus, List<PciFunction> Members)>();
        foreach (PciFunction function in topology.InScanOrder())
        {
            uint bus = EndpointBus(function, topology);
            int at = buses.FindIndex(entry => entry.Bus == bus);
            if (at >= 0) buses[at].Members.Add(function);
            else if (!IsBridge(function)) buses.Add((bus, [function]));
        }

        return [.. buses.Select((entry, number) => MakeGroup(number, entry.Members, MakeTables(entry.Members[0], (int)(entry.Bus & 0xff))))];
    }

    private PowerNvTableGroup MakeTables(PciFunction function, int endpoint) =>
        new(this, HostBridge(function), function.Address.Segment, endpoint);

    // pnv_pci_configure_bus: everything below a bridge to conventional PCI is one endpoint.
    private static uint EndpointBus(PciFunction function, PciTopology topology)
    {
        uint bus = BusOf(function);
        for (PciFunction? bridge = topology.BridgeAbove(function); bridge is not null; bridge = topology.BridgeAbove(bridge))
        {
            if (IsBridgeToConventional(bridge)) bus = ((uint)bridge.Address.Segment << 8) | bridge.ReadConfig(ConfigOffset.SecondaryBus, 1);
        }

        return bus;
    }

    private static uint BusOf(PciFunction function) => ((uint)function.Address.Segment << 8) | function.Address.Bus;

    private static bool IsBridge(PciFunction function) => (function.ReadConfig(ConfigOffset.HeaderType, 1) & 0x7f) == 1;

    private static bool IsBridgeToConventional(PciFunction bridge)
    {
        var bytes = new byte[bridge.ConfigSize];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)bridge.ReadConfig(i, 1);
        var view = new ConfigView(bytes);
        return view.IsExpress && view.ExpressType == PciExpressType.PciBridge;
    }
}
