// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Host.Platforms;

/// <summary>
/// Linux's rule for IOMMU groups of PCI functions (drivers/iommu/iommu.c: pci_device_group): functions whose
/// requests the IOMMU cannot tell apart, or that can reach each other without passing it, are one group.
/// </summary>
/// <remarks>Of what drivers/pci/quirks.c knows better than the device, <see cref="AcsQuirks"/> is applied, DMA aliases are not.</remarks>
internal sealed class IommuGrouping
{
    // What isolation takes of ACS: source validation, request and completion redirect, upstream forwarding.
    internal const ushort RequiredAcs = 0x1 | 0x4 | 0x8 | 0x10;

    private readonly PciTopology _topology;
    private readonly Dictionary<PciFunction, Facts> _facts = [];
    private readonly Dictionary<PciFunction, List<PciFunction>> _groupOf = [];
    private readonly List<List<PciFunction>> _groups = [];

    private IommuGrouping(PciTopology topology) => _topology = topology;

    /// <summary>The groups in the order of their numbers, each by address.</summary>
    public static IReadOnlyList<IReadOnlyList<PciFunction>> Compute(PciTopology topology)
    {
        var grouping = new IommuGrouping(topology);
        foreach (PciFunction function in topology.InScanOrder()) grouping.Place(function);
        foreach (List<PciFunction> group in grouping._groups) group.Sort((left, right) => left.Address.CompareTo(right.Address));
        return grouping._groups;
    }

    /// <summary>A function whose group a new function joins, given the groups that stand; null when it gets a new one.</summary>
    public static PciFunction? FindPeer(PciTopology topology, IEnumerable<IReadOnlyList<PciFunction>> groups, PciFunction function)
    {
        var grouping = new IommuGrouping(topology);
        foreach (IReadOnlyList<PciFunction> group in groups)
        {
            List<PciFunction> members = [.. group];
            foreach (PciFunction member in members) grouping._groupOf[member] = members;
        }

        return grouping.FindGroup(function)?[0];
    }

    private void Place(PciFunction function)
    {
        if (!_groupOf.TryGetValue(function, out List<PciFunction>? group))
        {
            group = FindGroup(function);
            if (group is null) _groups.Add(group = []);
        }

        group.Add(function);
        _groupOf[function] = group;
    }

    private List<PciFunction>? FindGroup(PciFunction function)
    {
        // The last function on the way up whose requester id stands for ours (pci_for_each_dma_alias).
        PciFunction visible = function;
        for (PciFunction? bridge = _topology.BridgeAbove(function); bridge is not null; bridge = _topology.BridgeAbove(bridge))
        {
            if (!Of(bridge).TakesOverRequests) continue;
            visible = bridge;
            if (_groupOf.TryGetValue(bridge, out List<PciFunction>? group)) return group;
        }

        // Then up to where ACS keeps peers apart on the whole way to the root.
        for (PciFunction? bridge = _topology.BridgeAbove(visible); bridge is not null; bridge = _topology.BridgeAbove(bridge))
        {
            if (IsIsolatedToRoot(bridge)) break;
            visible = bridge;
            if (_groupOf.TryGetValue(bridge, out List<PciFunction>? group)) return group;
        }

        return FindFunctionGroup(visible);
    }

    // get_pci_function_alias_group: functions of one device that ACS does not isolate from each other.
    private List<PciFunction>? FindFunctionGroup(PciFunction function)
    {
        Facts facts = Of(function);
        if (!facts.IsMultifunction || facts.IsIsolated) return null;
        foreach (PciFunction other in _topology.OnBusOf(function))
        {
            if (other == function || other.Address.Device != function.Address.Device || Of(other).IsIsolated) continue;
            if (_groupOf.TryGetValue(other, out List<PciFunction>? group)) return group;
        }

        return null;
    }

    // pci_acs_path_enabled
    private bool IsIsolatedToRoot(PciFunction bridge)
    {
        for (PciFunction? at = bridge; at is not null; at = _topology.BridgeAbove(at))
        {
            if (!Of(at).IsIsolated) return false;
        }

        return true;
    }

    private Facts Of(PciFunction function)
    {
        if (!_facts.TryGetValue(function, out Facts facts)) _facts.Add(function, facts = Facts.Read(function));
        return facts;
    }

    private readonly record struct Facts(bool IsMultifunction, bool IsIsolated, bool TakesOverRequests)
    {
        public static Facts Read(PciFunction function)
        {
            var bytes = new byte[function.ConfigSize];
            for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)function.ReadConfig(i, 1);
            var view = new ConfigView(bytes);
            // drivers/pci/iov.c: pci_iov_add_virtfn: a virtual function never counts as one of several.
            bool multifunction = function.PhysicalFunction is null && (view.IsMultifunction || function.Address.Function > 0);
            bool express = view.IsExpress;
            bool takesOver = view.IsBridge && (!express || view.ExpressType is PciExpressType.PciBridge or PciExpressType.PcieBridge);
            // pci_acs_enabled asks the quirks first.
            bool isolated = AcsQuirks.Isolated(view) ?? (express && IsolatedByType(view, multifunction));
            return new Facts(multifunction, isolated, takesOver);
        }

        // pci_acs_enabled: which kinds of functions need ACS at all. Conventional functions never have it.
        private static bool IsolatedByType(ConfigView view, bool multifunction) => view.ExpressType switch
        {
            PciExpressType.PcieBridge or PciExpressType.PciBridge or PciExpressType.RootComplexEventCollector => false,
            PciExpressType.Downstream or PciExpressType.RootPort => HasAcs(view),
            PciExpressType.Endpoint or PciExpressType.Upstream or PciExpressType.LegacyEndpoint or
                PciExpressType.RootComplexEndpoint => !multifunction || HasAcs(view),
            _ => true,
        };

        // pci_acs_flags_enabled: what the capability does not list counts as hard-wired on.
        private static bool HasAcs(ConfigView view)
        {
            int acs = view.FindExtendedCapability(PciExtendedCapabilityId.AccessControlServices);
            if (acs == 0) return false;
            ushort required = (ushort)(RequiredAcs & view.Read16(acs + 4));
            return (view.Read16(acs + 6) & required) == required;
        }
    }
}
