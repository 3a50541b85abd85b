// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Lspci;
using VfioSharp.Host.Pci;

namespace VfioSharp.Cli.Tests.Lspci;

public sealed class LspciParserTests
{
    private const string Row = "00: 86 80 a2 09 02 00 00 00 04 00 00 06 00 00 00 00\n";

    [Fact]
    public void Parse_reads_bytes_driver_and_group_of_each_function()
    {
        IReadOnlyList<LspciFunction> functions = LspciParser.Parse(LspciSample.Text, "sample", []);
        Assert.Equal([64, 256, 256], functions.Select(function => function.Config.Count));
        Assert.Equal([null, "pcieport", "vfio-pci"], functions.Select(function => function.Driver));
        Assert.Equal([4, 5, 17], functions.Select(function => function.Group!.Value));
    }

    [Fact]
    public void Parse_reads_regions_as_Linux_flags_them()
    {
        LspciFunction nvme = LspciParser.Parse(LspciSample.Text, "sample", [])[2];
        Assert.Equal(
            [
                new PciBar(0, 0xc0000000, 0x4000, 0x140204),
                new PciBar(2, 0x3000, 0x20, 0x40101),
                new PciBar(4, 0x203ffff00000, 0x100000, 0x14220c),
                new PciBar(6, 0, 0x10000, 0x46200),
            ],
            nvme.Bars);
    }

    [Fact]
    public void Parse_reads_addresses_without_segment() =>
        Assert.Equal(
            LspciParser.Parse(LspciSample.Text, "sample", []).Select(function => function.Address),
            LspciParser.Parse(LspciSample.Text.Replace("\n0000:", "\n", StringComparison.Ordinal), "sample", []).Select(function => function.Address));

    [Fact]
    public void Function_of_a_segment_beyond_ffff_is_left_out_and_told()
    {
        List<string> notes = [];
        string text = LspciSample.Text.Replace("0000:01:00.0", "10000:01:00.0", StringComparison.Ordinal);
        Assert.Equal(2, LspciParser.Parse(text, "sample", notes).Count);
        Assert.Equal("10000:01:00.0 is left out: machine files have segments up to ffff", Assert.Single(notes));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("hello world\n", 1)]
    [InlineData(Row, 1)]
    [InlineData("00:00.0 Host bridge\n" + Row, 1)]
    [InlineData("00:00.0 Host bridge\n" + Row + Row, 3)]
    [InlineData("00:00.0 Host bridge\n00: 86 8x\n", 2)]
    [InlineData("00:00.0 Host bridge\n00: 86 80\n", 2)]
    [InlineData("00:20.0 Host bridge\n" + Row, 1)]
    [InlineData("00:00.0 Host bridge\n\tRegion 7: Memory at 0 [size=4K]\n", 2)]
    [InlineData("00:00.0 Host bridge\n\tRegion 0: Memory at xyz [size=4K]\n", 2)]
    [InlineData("00:00.0 Host bridge\n\tRegion 0: Memory at 0 [size=3K]\n", 2)]
    [InlineData("00:00.0 Host bridge\n\tRegion 0: Memory at 800 [size=4K]\n", 2)]
    [InlineData("00:00.0 Host bridge\n\tIOMMU group: many\n", 2)]
    public void Parse_says_in_which_line_it_is_wrong(string text, int line)
    {
        LspciFormatException problem = Assert.Throws<LspciFormatException>(() => LspciParser.Parse(text, "input.txt", []));
        Assert.Equal(line, problem.Line);
        Assert.StartsWith($"input.txt:{line}: expected ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_of_damaged_text_throws_nothing_else()
    {
        var random = new Random(3);
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            char[] text = LspciSample.Text.ToCharArray();
            for (int changes = random.Next(1, 6); changes > 0; changes--) text[random.Next(text.Length)] = (char)random.Next(9, 127);
            try
            {
                LspciParser.Parse(new string(text, 0, random.Next(text.Length)), "damaged", []);
            }
            catch (LspciFormatException)
            {
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
    }
}
