// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Conformance;
using VfioSharp.Cli.Tests.Scripts;

namespace VfioSharp.Cli.Tests.Conformance;

/// <summary>The recorded answers, by the unchanged C program under <c>vfio run</c>.</summary>
/// <remarks>Alone: a process that another test starts could hold on to a file for a moment (LaunchGate).</remarks>
[Collection(nameof(ThroughRunTests))]
[CollectionDefinition(nameof(ThroughRunTests), DisableParallelization = true)]
public sealed class ThroughRunTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("x86", "x86")]
    [InlineData("x86", "x86-random")]
    [InlineData("powernv9-4k", "spapr")]
    [InlineData("powernv9-4k", "spapr-random")]
    [InlineData("powernv9-4k", "spapr-random-dma")]
    [InlineData("powernv9-4k", "spapr-risk")]
    [InlineData("pseries-4k", "spapr")]
    [InlineData("pseries-4k", "spapr-random")]
    [InlineData("pseries-4k", "spapr-random-dma")]
    [InlineData("pseries-4k", "spapr-risk")]
    [InlineData("powernv9-64k", "spapr")]
    [InlineData("powernv9-64k", "spapr-random")]
    [InlineData("powernv9-64k", "spapr-random-dma")]
    [InlineData("powernv9-64k", "spapr-risk")]
    [InlineData("pseries-64k", "spapr")]
    [InlineData("pseries-64k", "spapr-random")]
    [InlineData("pseries-64k", "spapr-random-dma")]
    [InlineData("pseries-64k", "spapr-risk")]
    public void Scenarios_answer_as_recorded_except_the_listed_lines(string machine, string set)
    {
        Assert.SkipWhen(RecordedRunner.WhyNot is not null, RecordedRunner.WhyNot ?? "");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs an x86-64 processor");
        string lists = Path.Combine(RecordedAnswers.Folder, machine);
        LaterList known = LaterList.Load(Path.Combine(lists, "later.txt"), Path.Combine(lists, "run-limits.txt"), Path.Combine(lists, "run-later.txt"));
        HashSet<string> outside = RecordedAnswers.Outside(machine);
        IReadOnlyList<Scenario> scenarios =
        [
            .. Scenario.Find(RecordedAnswers.Scenarios(set), RecordedAnswers.Answers(machine, set), null)
                .Where(scenario => !outside.Contains(scenario.Name) && !LockedLimit.IsRaisedBy(scenario)),
        ];
        SupervisedRunner runner = SupervisedRunner.Create(MachineChoice.Load(machine), RecordedRunner.Program, Limit);
        IReadOnlyList<ScenarioResult> results;
        try
        {
            results = ConformanceRun.Run(scenarios, runner);
        }
        catch (CommandFailure failure) when (failure.ExitCode == ExitCodes.Environment)
        {
            Assert.Skip(failure.Message);
            return;
        }

        StringWriter report = new();
        bool passed = ConformanceReport.Print(results, known, Terminal.Open(report, redirected: true));
        Assert.True(passed, report.ToString());
    }
}
