// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Conformance;
using VfioSharp.Cli.Scripts;

namespace VfioSharp.Cli.Tests.Conformance;

/// <summary>The recorded answers of a real kernel, in this process.</summary>
public sealed class RecordedAnswersTests
{
    // What the software host answers so far. The next issues widen it to every scenario.
    private const string InScope =
        "container-*,group-*,set-container*,set-iommu*,unset-container,close-*,device-fd-errors,conventional-bridge-group," +
        "two-groups-*,map-*,unmap-*,dirty-*,dma-*,iommu-info-*,memlock-*,fd-read-write,ioctl-null,argsz-zero,unpriv," +
        "edu-factorial-irq,unbind-in-use,noiommu-check";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("x86", InScope)]
    [InlineData("x86-random", "*-type1,*-life")]
    public void Scenarios_answer_as_recorded_except_the_listed_lines(string set, string filter)
    {
        LaterList later = LaterList.Load(Path.Combine(RecordedAnswers.Folder, "x86", "later.txt"));
        IReadOnlyList<Scenario> scenarios = Scenario.Find(RecordedAnswers.Scenarios(set), RecordedAnswers.Answers(set), filter);
        InProcessRunner runner = new(MachineChoice.Load("x86"), Limit);
        IReadOnlyList<ScenarioResult> results = ConformanceRun.Run(scenarios, runner);

        StringWriter report = new();
        bool passed = ConformanceReport.Print(results, later, Terminal.Open(report, redirected: true));
        Assert.True(passed, report.ToString());
    }

    [Fact]
    public void Every_operation_of_the_recorded_scenarios_is_known()
    {
        IEnumerable<string> used = Directory.EnumerateFiles(Path.Combine(RecordedAnswers.Folder, "scenarios"), "*.vfio", SearchOption.AllDirectories)
            .SelectMany(file => ScriptParser.Parse(File.ReadAllText(file)))
            .Select(line => line.Operation == "child" ? line.ForChild().Operation : line.Operation)
            .Distinct();
        Assert.Empty(used.Except(ScriptRunner.OperationNames));
    }
}
