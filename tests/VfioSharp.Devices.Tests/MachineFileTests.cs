// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Devices.Tests;

public sealed class MachineFileTests
{
    private const string Good = """
        {
          "format": "vfiosharp-machine/1", "name": "m", "platform": "x86", "pageSize": 4096,
          "ram": "0x40000000", "hugePages": 0, "dmaEntryLimit": 65535,
          "iommu": { "pageSizes": "0x1000", "apertureBits": 48, "reserved": [] },
          "aliases": { "b": "0000:00:02.0", "a": "0000:00:01.0", "a2": "0000:00:01.0" },
          "devices": [
            { "address": "0000:00:02.0", "model": "snapshot", "configSize": 256, "config": "34121111" },
            { "address": "0000:00:01.0", "model": "snapshot", "configSize": 256, "config": "34121111",
              "bars": [ { "index": 0, "start": "0x10000", "size": 4096, "flags": "0x200" } ],
              "registers": [ { "bar": 0, "offset": 8, "data": "0102" } ],
              "memoryBars": [0], "resetMethods": ["flr", "bus"], "emulation": "qemu", "driver": "vfio-pci" }
          ]
        }
        """;

    [Fact]
    public void Parse_reads_every_field()
    {
        MachineDescription machine = Parse(Good);
        Assert.Equal(["b", "a", "a2"], machine.Aliases.Select(alias => alias.Name));
        DeviceDescription device = machine.Devices[0];
        Assert.Equal("0000:00:01.0", device.Address.ToString());
        Assert.Equal("a", device.Alias);
        Assert.Equal("vfio-pci", device.Driver);
        Assert.Equal(new PciBar(0, 0x10000, 4096, 0x200), Assert.Single(device.Bars));
        Assert.Equal([PciResetMethod.Flr, PciResetMethod.Bus], device.ResetMethods);
        Assert.Equal(ConfigEmulation.Qemu, device.Emulation);
        Assert.Equal([1, 2], Assert.Single(device.Registers).Data.ToArray());
        Assert.Equal(0x4000_0000UL, machine.RamBytes);
    }

    [Theory]
    [InlineData("\"0x40000000\"", "\"1G\"", "$.ram", 3, "\"1G\"")]
    [InlineData("\"platform\": \"x86\"", "\"platform\": \"arm\"", "$.platform", 2, "\"arm\"")]
    [InlineData("vfiosharp-machine/1", "vfiosharp-machine/9", "$.format", 2, "vfiosharp-machine/9")]
    [InlineData("\"pageSize\": 4096", "\"pageSize\": 5000", "$.pageSize", 2, "5000")]
    [InlineData("\"size\": 4096", "\"size\": 4097", "$.devices[1].bars[0].size", 9, "4097")]
    [InlineData("\"0x10000\"", "\"0x10010\"", "$.devices[1].bars[0].start", 9, "0x10010")]
    [InlineData("\"offset\": 8", "\"offset\": 4095", "$.devices[1].registers[0].offset", 10, "0xfff")]
    [InlineData("\"0102\"", "\"010\"", "$.devices[1].registers[0].data", 10, "\"010\"")]
    [InlineData("\"memoryBars\": [0]", "\"memoryBars\": [1]", "$.devices[1].memoryBars[0]", 11, "1")]
    [InlineData("\"flr\"", "\"fly\"", "$.devices[1].resetMethods[0]", 11, "\"fly\"")]
    [InlineData("{ \"address\": \"0000:00:01.0\"", "{ \"address\": \"0000:00:02.0\"", "$.devices[1].address", 8, "0000:00:02.0")]
    [InlineData("{ \"address\": \"0000:00:01.0\"", "{ \"address\": \"1.0\"", "$.devices[1].address", 8, "\"1.0\"")]
    [InlineData("\"apertureBits\": 48", "\"apertureBits\": 70", "$.iommu.apertureBits", 4, "70")]
    [InlineData("\"b\": \"0000:00:02.0\"", "\"b\": \"x\"", "$.aliases.b", 5, "\"x\"")]
    [InlineData("\"0000:00:01.0\", \"model\": \"snapshot\"", "\"0000:00:01.0\", \"model\": \"edux\"", "$.devices[1].model", 8, "\"edux\"")]
    [InlineData("\"0000:00:01.0\", \"model\": \"snapshot\", \"configSize\": 256, \"config\": \"34121111\"", "\"0000:00:01.0\", \"model\": \"snapshot\", \"configSize\": 256, \"config\": \"341211110000000000000000000001\"", "$.devices[1].driver", 11, "header type 1")]
    public void Wrong_value_is_located(string what, string with, string path, long line, string found)
    {
        Assert.Contains(what, Good, StringComparison.Ordinal);
        var error = Assert.Throws<MachineFormatException>(() => Parse(Good.Replace(what, with, StringComparison.Ordinal)));
        Assert.Equal(path, error.JsonPath);
        Assert.Equal(line, error.Line);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
        Assert.StartsWith($"test.json:{line}: {path}: expected ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"name\": \"m\", ", "", "name")]
    [InlineData("\"name\": \"m\"", "\"nane\": \"m\"", "nane")]
    [InlineData("\"name\": \"m\"", "\"name\": \"m\", \"name\": \"m\"", "name")]
    [InlineData("\"name\": \"m\"", "\"name\": null", "null")]
    public void Missing_unknown_double_and_null_properties_are_refused(string what, string with, string named)
    {
        var error = Assert.Throws<MachineFormatException>(() => Parse(Good.Replace(what, with, StringComparison.Ordinal)));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Virtual_functions_of_a_device_without_the_capability_are_refused()
    {
        const string what = "\"configSize\": 256";
        Assert.Contains(what, Good, StringComparison.Ordinal);
        const string with = what + ", \"virtualFunction\": { \"model\": \"snapshot\", \"config\": \"ffffffff\", \"configSize\": 256 }";
        var error = Assert.Throws<MachineFormatException>(() => Parse(Good.Replace(what, with, StringComparison.Ordinal)));
        Assert.EndsWith(".virtualFunction", error.JsonPath, StringComparison.Ordinal);
        Assert.Contains("SR-IOV", error.Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"x86\"")]
    public void What_is_no_machine_is_refused(string json) => Assert.Throws<MachineFormatException>(() => Parse(json));

    [Fact]
    public void Missing_file_is_a_located_error()
    {
        var error = Assert.Throws<MachineFormatException>(() => MachineFile.Load("/no/such/machine.json"));
        Assert.StartsWith("/no/such/machine.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_of_a_machine_is_refused_without_another_exception()
    {
        for (int length = 0; length < Good.Length - 1; length++)
        {
            string cut = Good[..length];
            Assert.Throws<MachineFormatException>(() => Parse(cut));
        }
    }

    private static MachineDescription Parse(string json) => MachineFile.Parse(Encoding.UTF8.GetBytes(json), "test.json", DeviceCatalog.Default);
}
