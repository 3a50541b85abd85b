// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Conformance;

namespace VfioSharp.Cli.Tests.Conformance;

public sealed class ScenarioResultTests
{
    [Fact]
    public void Compare_same_output_is_identical()
    {
        ScenarioResult result = Compare("2 map: 0\n3 cfg: \n  000: 01\n", "2 map: 0\n3 cfg: \n  000: 01\n");
        Assert.True(result.IsIdentical);
        Assert.Equal(2, result.Lines);
        Assert.Equal(2, result.IdenticalLines);
    }

    [Fact]
    public void Compare_continuation_line_belongs_to_its_line()
    {
        ScenarioResult result = Compare("3 cfg: \n  000: 01\n", "3 cfg: \n  000: 02\n");
        Assert.Equal(3, Assert.Single(result.Differences).Number);
    }

    [Fact]
    public void Compare_missing_and_surplus_lines_differ()
    {
        ScenarioResult result = Compare("2 map: 0\n3 map: 0\n", "2 map: 0\n4 map: 0\n");
        Assert.Equal([new(3, "3 map: 0", null), new(4, null, "4 map: 0")], result.Differences);
        Assert.Equal(1, result.IdenticalLines);
    }

    [Fact]
    public void Compare_failure_is_not_identical() =>
        Assert.False(ScenarioResult.Compare("s", "2 map: 0\n", new ScenarioOutput("2 map: 0\n", "did not end")).IsIdentical);

    private static ScenarioResult Compare(string expected, string actual) =>
        ScenarioResult.Compare("s", expected, new ScenarioOutput(actual, null));
}
