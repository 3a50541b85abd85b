// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Conformance;
using VfioSharp.Cli.Tests.Scripts;

namespace VfioSharp.Cli.Tests.Conformance;

/// <summary>POWER's error handling by the unchanged C program under <c>vfio run</c>, freezes too.</summary>
[Collection(nameof(ThroughRunTests))]
public sealed class EehThroughRunTests
{
    [Fact]
    public void Scenarios_with_freezes_answer_as_recorded()
    {
        Assert.SkipWhen(RecordedRunner.WhyNot is not null, RecordedRunner.WhyNot ?? "");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "vfio run needs an x86-64 processor");
        IReadOnlyList<Scenario> scenarios = Scenario.Find(
            RecordedAnswers.Scenarios("spapr-eeh"), Path.Combine(RecordedAnswers.Folder, "answers", "powernv9-64k", "spapr-eeh"), null);
        Assert.NotEmpty(scenarios);
        SupervisedRunner runner = SupervisedRunner.Create(MachineChoice.Load("powernv9-64k"), RecordedRunner.Program, TimeSpan.FromSeconds(60));
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
        Assert.True(ConformanceReport.Print(results, LaterList.Load([]), Terminal.Open(report, redirected: true)), report.ToString());
    }
}
