// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Conformance;

/// <summary>A script line whose answer is not the recorded one.</summary>
/// <param name="Number">The script line's number.</param>
/// <param name="Expected">What the real kernel printed; null: nothing.</param>
/// <param name="Actual">What was printed; null: nothing.</param>
internal sealed record LineDifference(int Number, string? Expected, string? Actual);

/// <summary>How a scenario compares with its recorded answer.</summary>
/// <param name="Name">The scenario's name.</param>
/// <param name="Lines">Lines of the recorded answer.</param>
/// <param name="Differences">The lines that differ.</param>
/// <param name="Failure">Why the scenario did not run to its end, or null.</param>
internal sealed record ScenarioResult(string Name, int Lines, IReadOnlyList<LineDifference> Differences, string? Failure)
{
    /// <summary>Whether every line is the recorded one.</summary>
    public bool IsIdentical => Differences.Count == 0 && Failure is null;

    /// <summary>Recorded lines that were answered alike.</summary>
    public int IdenticalLines => Math.Max(Lines - Differences.Count(difference => difference.Expected is not null), 0);

    /// <summary>Compares an output with the recorded one, line number by line number.</summary>
    public static ScenarioResult Compare(string name, string expected, ScenarioOutput actual)
    {
        IReadOnlyList<RecordedLine> recorded = RecordedLine.Parse(expected), printed = RecordedLine.Parse(actual.Text);
        ILookup<int, string> recordedByNumber = recorded.ToLookup(line => line.Number, line => line.Text);
        ILookup<int, string> printedByNumber = printed.ToLookup(line => line.Number, line => line.Text);
        List<LineDifference> differences = [];
        foreach (int number in recorded.Concat(printed).Select(line => line.Number).Distinct().Order())
        {
            // A line prints once; twice only when a forked process could not print (`child`).
            string? wanted = Joined(recordedByNumber[number]), got = Joined(printedByNumber[number]);
            if (wanted != got) differences.Add(new LineDifference(number, wanted, got));
        }

        return new ScenarioResult(name, recorded.Select(line => line.Number).Distinct().Count(), differences, actual.Failure);
    }

    private static string? Joined(IEnumerable<string> texts) => texts.Any() ? string.Join('\n', texts) : null;
}

/// <summary>What a scenario printed.</summary>
/// <param name="Text">Its output.</param>
/// <param name="Failure">Why it did not run to its end, or null.</param>
internal sealed record ScenarioOutput(string Text, string? Failure);
