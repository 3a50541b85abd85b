// SPDX-License-Identifier: MIT
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>What registers of snapshots answer is data of the machine file, and of nothing else.</summary>
public sealed class RegisterDataTests
{
    [Fact]
    public void Registers_changed_at_random_in_a_copied_machine_file_are_what_is_read()
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip };
        JsonNode machine = JsonNode.Parse(File.ReadAllText(DeviceSession.MachinePath), null, options)!;
        var expected = new List<(string Alias, int Bar, ulong Offset, byte[] Data)>();
        foreach (JsonNode? device in machine["devices"]!.AsArray())
        {
            if (device!["registers"] is not JsonArray registers || (string?)device["driver"] != "vfio-pci") continue;
            string address = (string)device["address"]!;
            string alias = machine["aliases"]!.AsObject().First(pair => (string)pair.Value! == address).Key;
            foreach (JsonNode? register in registers)
            {
                // The ROM needs its enable bit and VGA has ranges of its own: tests of regions cover them.
                if ((int)register!["bar"]! > 5) continue;
                var data = new byte[((string)register["data"]!).Length / 2];
                Random.Shared.NextBytes(data);
                register["data"] = Convert.ToHexStringLower(data);
                expected.Add((alias, (int)register["bar"]!, Convert.ToUInt64((string)register["offset"]!, 16), data));
            }
        }

        Assert.NotEmpty(expected);
        string copy = Path.GetTempFileName();
        try
        {
            File.WriteAllText(copy, machine.ToJsonString());
            foreach ((string alias, int bar, ulong offset, byte[] data) in expected)
            {
                using var session = new DeviceSession(alias, copy);
                var read = new byte[data.Length];
                Assert.Equal(read.Length, session.Read(((ulong)bar << 40) + offset, read).Value);
                Assert.True(data.AsSpan().SequenceEqual(read), $"{alias} BAR {bar} offset 0x{offset:x}: {Convert.ToHexString(read)} instead of {Convert.ToHexString(data)}");
            }
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
