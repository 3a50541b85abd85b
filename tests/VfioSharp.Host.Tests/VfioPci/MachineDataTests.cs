// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using VfioSharp.Devices;
using VfioSharp.Host.Machines;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>What a snapshot's registers answer is data of the machine: other data, other answers.</summary>
public sealed class MachineDataTests
{
    private const int Rom = 6;
    private const int Vga = 8;

    [Fact]
    public void Register_values_changed_at_random_in_a_copy_of_the_machine_are_what_a_user_reads()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        JsonNode copy = JsonNode.Parse(File.ReadAllText(DeviceSession.MachineFilePath))!;
        var expected = new List<(string Device, int Bar, ulong Offset, byte[] Data)>();
        foreach (JsonNode? device in copy["devices"]!.AsArray())
        {
            foreach (JsonNode? register in device!["registers"]?.AsArray() ?? [])
            {
                int bar = (int)register!["bar"]!;
                byte[] data = Convert.FromHexString((string)register["data"]!);

                // A ROM stays one: its signature, the pointer to its data structure, and that structure.
                random.NextBytes(bar == Rom ? data.AsSpan(2, 22) : data);
                register["data"] = Convert.ToHexString(data);
                expected.Add(((string)device["address"]!, bar, Number(register["offset"]!), data));
            }
        }

        Assert.Superset(new HashSet<int> { 0, 1, Rom, Vga }, expected.Select(value => value.Bar).ToHashSet());
        MachineDescription changed = MachineFile.Parse(Encoding.UTF8.GetBytes(copy.ToJsonString()), "copy of x86.json", DeviceCatalog.Default);
        foreach (IGrouping<string, (string Device, int Bar, ulong Offset, byte[] Data)> device in expected.GroupBy(value => value.Device))
        {
            Assert.True(PciAddress.TryParse(device.Key, out PciAddress address));
            using var session = new DeviceSession(changed.Aliases.First(alias => alias.Address == address).Name, changed);
            foreach ((string name, int bar, ulong offset, byte[] data) in device)
            {
                var read = new byte[data.Length];
                Assert.Equal(read.Length, session.Read(((ulong)bar << 40) + offset, read).RawValue);
                Assert.True(read.AsSpan().SequenceEqual(data), $"seed {seed}: {name} BAR {bar} at 0x{offset:x} reads {Convert.ToHexString(read)}, the machine says {Convert.ToHexString(data)}");
            }
        }
    }

    [Fact]
    public void Identity_changed_in_a_copy_of_the_machine_is_what_a_user_reads()
    {
        JsonNode copy = JsonNode.Parse(File.ReadAllText(DeviceSession.MachineFilePath))!;
        JsonNode net = copy["devices"]!.AsArray().First(device => (string?)device!["address"] == "0000:05:00.0")!;
        net["config"] = "feca0df0" + ((string)net["config"]!)[8..];
        using var session = new DeviceSession("net0", MachineFile.Parse(Encoding.UTF8.GetBytes(copy.ToJsonString()), "copy of x86.json"));
        Assert.Equal(0xf00dcafe, session.Read32(DeviceSession.Config));
    }

    private static ulong Number(JsonNode value)
    {
        string text = value.ToString();
        return text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : ulong.Parse(text, CultureInfo.InvariantCulture);
    }
}
