// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Conformance;
using VfioSharp.Cli.Scripts;

namespace VfioSharp.Cli.Tests.Conformance;

/// <summary>The recorded answers of a real kernel, in this process.</summary>
public sealed class RecordedAnswersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("x86")]
    [InlineData("x86-random")]
    public void Scenarios_answer_as_recorded_except_the_listed_lines(string set)
    {
        HashSet<string> outside = RecordedAnswers.Outside();
        LaterList later = LaterList.Load(Path.Combine(RecordedAnswers.Folder, "x86", "later.txt"));
        IReadOnlyList<Scenario> scenarios = Scenario.Find(RecordedAnswers.Scenarios(set), RecordedAnswers.Answers(set), null);
        InProcessRunner runner = new(MachineChoice.Load("x86"), Limit);
        IReadOnlyList<ScenarioResult> results = ConformanceRun.Run(scenarios, runner);

        StringWriter report = new();
        bool passed = ConformanceReport.Print(
            [.. results.Where(result => !outside.Contains(result.Name))], later, Terminal.Open(report, redirected: true));
        Assert.True(passed, report.ToString());
        Assert.Empty(results.Where(result => result.IsIdentical && outside.Contains(result.Name)).Select(result => result.Name));
        Assert.All(results, result => Assert.Null(result.Failure));
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
