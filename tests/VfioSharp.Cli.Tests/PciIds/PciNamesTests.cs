// SPDX-License-Identifier: MIT
using System.IO.Compression;
using VfioSharp.Cli.PciIds;

namespace VfioSharp.Cli.Tests.PciIds;

public sealed class PciNamesTests : IDisposable
{
    private const string Text =
        "# comment\n1234  Maker\n\t0001  First\n\t11e8  Widget\n\t\t1af4 1100  Widget card\n1b36  Other\n\t0010  Drive\nC 01  Mass storage\n\t08  Memory controller\n";

    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public PciNamesTests() => File.WriteAllText(_file, Text);

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(_file + ".gz");
    }

    [Fact]
    public void Names_are_found_by_vendor_device_card_and_class()
    {
        var names = new PciNames(_file);
        Assert.Equal("Maker", names.Vendor(0x1234));
        Assert.Equal("Widget", names.Device(0x1234, 0x11e8));
        Assert.Equal("Widget card", names.Subsystem(0x1234, 0x11e8, 0x1af4, 0x1100));
        Assert.Equal("Memory controller", names.Class(0x0108));
    }

    [Fact]
    public void Device_of_another_vendor_has_no_name() => Assert.Null(new PciNames(_file).Device(0x1234, 0x0010));

    [Fact]
    public void Compressed_list_is_read()
    {
        using (var stream = new GZipStream(File.Create(_file + ".gz"), CompressionMode.Compress))
            stream.Write(System.Text.Encoding.ASCII.GetBytes(Text));
        Assert.Equal("Drive", new PciNames(_file + ".gz").Device(0x1b36, 0x0010));
    }

    [Fact]
    public void Without_a_list_nothing_has_a_name() => Assert.Null(new PciNames(null).Vendor(0x1234));
}
