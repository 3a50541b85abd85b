// SPDX-License-Identifier: MIT
using VfioSharp.Devices.Snapshots;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Devices.Tests;

// Random topologies against the definition, written down naively: functions are one group when a chain of
// "the IOMMU cannot keep these two apart" leads from one to the other.
public sealed class IommuGroupingTests
{
    private enum Kind
    {
        Conventional,
        Endpoint,
        EndpointAcs,
        RootPort,
        RootPortAcs,
        PciBridge,
        ConventionalBridge,
    }

    private sealed record Node(PciAddress Address, Kind Kind, bool Multifunction, Node? Bridge)
    {
        public bool IsBridge => Kind >= Kind.RootPort;
    }

    [Fact]
    public void Random_topologies_are_grouped_as_defined()
    {
        for (int seed = 1; seed <= 400; seed++)
        {
            List<Node> nodes = Generate(new Random(seed));
            string expected = Describe(Naive(nodes));
            string actual = Describe(Grouped(nodes));
            Assert.True(expected == actual, $"seed {seed}\nexpected {expected}\nactual   {actual}");
        }
    }

    private static List<Node> Generate(Random random)
    {
        var nodes = new List<Node>();
        int nextBus = 1;
        Fill(0, null, 0);
        return nodes;

        void Fill(int bus, Node? bridge, int depth)
        {
            var bridges = new List<Node>();
            int devices = random.Next(1, 5);
            for (int device = 0; device < devices; device++)
            {
                int functions = random.Next(4) == 0 ? random.Next(2, 4) : 1;
                for (int function = 0; function < functions; function++)
                {
                    var kind = (Kind)random.Next(depth < 3 && nextBus < 40 ? 7 : 3);
                    var address = new PciAddress(0, (byte)bus, (byte)device, (byte)function);
                    // Function 0 of some multifunction devices forgets its header bit.
                    bool bit = functions > 1 && (function == 0 && random.Next(4) != 0);
                    var node = new Node(address, kind, bit || function > 0, bridge);
                    nodes.Add(node);
                    if (node.IsBridge) bridges.Add(node);
                }
            }

            foreach (Node child in bridges) Fill(Number(child), child, depth + 1);
        }

        int Number(Node bridge) => _secondary[bridge.Address] = nextBus++;
    }

    [ThreadStatic]
    private static Dictionary<PciAddress, int>? _secondaryOfThread;

    private static Dictionary<PciAddress, int> _secondary => _secondaryOfThread ??= [];

    private static IEnumerable<IEnumerable<PciAddress>> Grouped(List<Node> nodes)
    {
        var devices = nodes.ConvertAll(node => new DeviceDescription(
            "snapshot", node.Address, null, null, Config(node), 4096, [], [], ConfigEmulation.Hardware, [], []));
        var machine = new MachineDescription(
            "random", PlatformKind.X86, 4096, 0, 0, 65535, new IommuDescription(0x1000, 48, []), [], devices);
        var platform = new X86Platform(machine, DeviceCatalog.Default);
        Assert.Equal(platform.Groups.Count, platform.Groups.Select(group => group.Id).Distinct().Count());
        return platform.Groups.Select(group => group.Functions.Select(function => function.Address));
    }

    private static List<List<PciAddress>> Naive(List<Node> nodes)
    {
        int[] label = [.. Enumerable.Range(0, nodes.Count)];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 0; i < nodes.Count; i++)
            {
                for (int j = 0; j < nodes.Count; j++)
                {
                    if (label[i] == label[j] || !Together(nodes[i], nodes[j])) continue;
                    int from = Math.Max(label[i], label[j]);
                    int to = Math.Min(label[i], label[j]);
                    for (int k = 0; k < label.Length; k++) if (label[k] == from) label[k] = to;
                    changed = true;
                }
            }
        }

        return [.. nodes.Select((node, index) => (node.Address, Label: label[index]))
            .GroupBy(entry => entry.Label, entry => entry.Address).Select(group => group.ToList())];
    }

    private static bool Together(Node one, Node other)
    {
        // A bridge whose requester id stands for what is below it, or below which peers can meet.
        for (Node? bridge = one.Bridge; bridge is not null; bridge = bridge.Bridge)
        {
            if (bridge == other && (bridge.Kind is Kind.PciBridge or Kind.ConventionalBridge)) return true;
        }

        if (one.Bridge == other && !PathIsolated(other)) return true;
        // Functions of one device, none of them isolated; one alone with the header bit joins the others.
        return one.Address.Bus == other.Address.Bus && one.Address.Device == other.Address.Device &&
            (one.Multifunction || other.Multifunction) && !Isolated(one) && !Isolated(other);
    }

    private static bool PathIsolated(Node? node)
    {
        for (; node is not null; node = node.Bridge)
        {
            if (!Isolated(node)) return false;
        }

        return true;
    }

    private static bool Isolated(Node node) => node.Kind switch
    {
        Kind.RootPortAcs or Kind.EndpointAcs => true,
        Kind.Endpoint => !node.Multifunction,
        _ => false,
    };

    private static byte[] Config(Node node)
    {
        var bytes = new byte[4096];
        bytes[0] = 0x36;
        bytes[1] = 0x1b;
        bytes[ConfigOffset.HeaderType] = (byte)((node.IsBridge ? 1 : 0) | (node.Multifunction && node.Address.Function == 0 ? 0x80 : 0));
        if (node.IsBridge) bytes[ConfigOffset.SecondaryBus] = (byte)_secondary[node.Address];
        if (node.Kind is Kind.Conventional or Kind.ConventionalBridge) return bytes;
        bytes[ConfigOffset.Status] = 0x10;
        bytes[ConfigOffset.CapabilityPointer] = 0x40;
        bytes[0x40] = 0x10;
        bytes[0x42] = (byte)(node.Kind switch { Kind.Endpoint or Kind.EndpointAcs => 0x02, Kind.PciBridge => 0x72, _ => 0x42 });
        if (node.Kind is not (Kind.EndpointAcs or Kind.RootPortAcs)) return bytes;
        bytes[0x100] = 0x0d;
        bytes[0x102] = 0x01;
        bytes[0x104] = 0x1f;
        bytes[0x106] = 0x1d;
        return bytes;
    }

    private static string Describe(IEnumerable<IEnumerable<PciAddress>> groups) => string.Join(
        " | ",
        groups.Select(group => string.Join(' ', group.Order())).Order(StringComparer.Ordinal));
}
