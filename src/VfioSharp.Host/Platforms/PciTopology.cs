// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Host.Platforms;

/// <summary>
/// How a machine's functions hang together: which bridge leads to which bus, as the bus numbers in the bridges'
/// headers say. As the machine stands: made anew when functions come or go; bus numbers do not change.
/// </summary>
public sealed class PciTopology
{
    private readonly Dictionary<uint, List<PciFunction>> _buses = [];
    private readonly Dictionary<uint, PciFunction> _bridges = [];
    private readonly Dictionary<PciAddress, PciFunction> _functions = [];

    /// <summary>Reads the topology of the functions.</summary>
    public PciTopology(IReadOnlyList<PciFunction> functions)
    {
        ArgumentNullException.ThrowIfNull(functions);
        foreach (PciFunction function in functions.OrderBy(function => function.Address))
        {
            _functions.Add(function.Address, function);
            uint bus = Bus(function.Address);
            if (!_buses.TryGetValue(bus, out List<PciFunction>? members)) _buses.Add(bus, members = []);
            members.Add(function);
            if ((function.ReadConfig(ConfigOffset.HeaderType, 1) & 0x7f) != 1) continue;
            uint secondary = function.ReadConfig(ConfigOffset.SecondaryBus, 1);
            // A bridge that no bus number was given, or its own, leads nowhere.
            if (secondary > function.Address.Bus) _bridges.TryAdd(((uint)function.Address.Segment << 8) | secondary, function);
        }
    }

    /// <summary>The function at an address, or null.</summary>
    public PciFunction? Find(PciAddress address) => _functions.GetValueOrDefault(address);

    /// <summary>The bridge that leads to the bus a function is on; null on a root bus.</summary>
    public PciFunction? BridgeAbove(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        // A virtual function may be on a bus number of its own: it is behind its physical function's bridge all the same.
        return _bridges.GetValueOrDefault(Bus((function.PhysicalFunction ?? function).Address));
    }

    /// <summary>All functions on the bus of a function, itself too, by address.</summary>
    public IReadOnlyList<PciFunction> OnBusOf(PciFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return _buses[Bus(function.Address)];
    }

    /// <summary>All functions on the bus behind a bridge, by address.</summary>
    public IReadOnlyList<PciFunction> Behind(PciFunction bridge)
    {
        ArgumentNullException.ThrowIfNull(bridge);
        uint bus = ((uint)bridge.Address.Segment << 8) | bridge.ReadConfig(ConfigOffset.SecondaryBus, 1);
        return ReferenceEquals(_bridges.GetValueOrDefault(bus), bridge) && _buses.TryGetValue(bus, out List<PciFunction>? members) ? members : [];
    }

    /// <summary>
    /// Functions in the order in which Linux finds them: a bus whole, then behind its bridges, depth first
    /// (drivers/pci/probe.c: pci_scan_child_bus_extend).
    /// </summary>
    public IEnumerable<PciFunction> InScanOrder()
    {
        foreach ((uint bus, List<PciFunction> members) in _buses.OrderBy(entry => entry.Key))
        {
            if (_bridges.ContainsKey(bus)) continue;
            foreach (PciFunction function in Scan(members)) yield return function;
        }
    }

    private IEnumerable<PciFunction> Scan(IReadOnlyList<PciFunction> bus)
    {
        foreach (PciFunction function in bus) yield return function;
        foreach (PciFunction bridge in bus)
        {
            foreach (PciFunction function in Scan(Behind(bridge))) yield return function;
        }
    }

    private static uint Bus(PciAddress address) => ((uint)address.Segment << 8) | address.Bus;
}
