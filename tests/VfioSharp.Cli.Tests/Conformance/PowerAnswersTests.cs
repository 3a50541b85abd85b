// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Conformance;

namespace VfioSharp.Cli.Tests.Conformance;

/// <summary>The recorded answers of real POWER kernels, in this process. Each machine has its exact list of lines that differ.</summary>
public sealed class PowerAnswersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("powernv9-64k", "spapr")]
    [InlineData("powernv9-64k", "spapr-eeh")]
    [InlineData("powernv9-64k", "spapr-random")]
    [InlineData("powernv9-64k", "spapr-random-dma")]
    [InlineData("powernv9-4k", "spapr")]
    [InlineData("powernv9-4k", "spapr-random")]
    [InlineData("powernv9-4k", "spapr-random-dma")]
    [InlineData("powernv9-64k", "spapr-risk")]
    [InlineData("powernv9-4k", "spapr-risk")]
    [InlineData("pseries-64k", "spapr")]
    [InlineData("pseries-64k", "spapr-random")]
    [InlineData("pseries-64k", "spapr-random-dma")]
    [InlineData("pseries-64k", "spapr-risk")]
    [InlineData("pseries-4k", "spapr")]
    [InlineData("pseries-4k", "spapr-random")]
    [InlineData("pseries-4k", "spapr-random-dma")]
    [InlineData("pseries-4k", "spapr-risk")]
    public void Scenarios_answer_as_recorded_except_the_listed_lines(string machine, string set)
    {
        LaterList later = LaterList.Load(Path.Combine(RecordedAnswers.Folder, machine, "later.txt"));
        IReadOnlyList<Scenario> scenarios = Scenario.Find(RecordedAnswers.Scenarios(set), Path.Combine(RecordedAnswers.Folder, "answers", machine, set), null);
        Assert.NotEmpty(scenarios);
        IReadOnlyList<ScenarioResult> results = ConformanceRun.Run(scenarios, new InProcessRunner(MachineChoice.Load(machine), Limit));

        StringWriter report = new();
        Assert.True(ConformanceReport.Print(results, later, Terminal.Open(report, redirected: true)), report.ToString());
        Assert.All(results, result => Assert.Null(result.Failure));
    }
}
