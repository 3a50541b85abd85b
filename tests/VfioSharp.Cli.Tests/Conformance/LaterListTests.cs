// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Conformance;

namespace VfioSharp.Cli.Tests.Conformance;

public sealed class LaterListTests
{
    [Fact]
    public void Unlisted_leaves_out_listed_lines()
    {
        LaterList list = Load("# comment\n\nmap-bar:7  trapped MMIO\n");
        ScenarioResult result = new("map-bar", 9, [new(7, "a", "b"), new(8, "a", "b")], null);
        Assert.Equal(8, Assert.Single(list.Unlisted(result)).Number);
        Assert.Empty(list.Outlived(result));
    }

    [Fact]
    public void Outlived_names_listed_lines_that_do_not_differ()
    {
        LaterList list = Load("map-bar:7  trapped MMIO\nother:9  x\n");
        Assert.Equal([7], list.Outlived(new ScenarioResult("map-bar", 9, [], null)));
    }

    [Theory]
    [InlineData("map-bar\n")]
    [InlineData("map-bar:x  reason\n")]
    [InlineData("map-bar:7\n")]
    [InlineData("map-bar:7  a\nmap-bar:7  b\n")]
    public void Load_refuses_a_line_that_is_no_entry(string text)
    {
        CommandFailure failure = Assert.Throws<CommandFailure>(() => Load(text));
        Assert.Equal(ExitCodes.Usage, failure.ExitCode);
    }

    private static LaterList Load(string text)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            return LaterList.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
