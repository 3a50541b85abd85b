// SPDX-License-Identifier: MIT
using Spectre.Console;

namespace VfioSharp.Cli.Conformance;

/// <summary>Prints how scenarios compare: differences as a diff, and the sum as the last line.</summary>
internal static class ConformanceReport
{
    /// <summary>Prints the report.</summary>
    /// <returns>Whether every line that should be identical is, and the list of known differences is exact.</returns>
    public static bool Print(IReadOnlyList<ScenarioResult> results, LaterList later, IAnsiConsole console)
    {
        bool passed = true;
        foreach (ScenarioResult result in results)
        {
            LineDifference[] unlisted = [.. later.Unlisted(result)];
            int[] outlived = [.. later.Outlived(result)];
            if (unlisted.Length == 0 && outlived.Length == 0 && result.Failure is null) continue;
            passed = false;
            console.Write(new Text($"--- {result.Name}\n", new Style(decoration: Decoration.Bold)));
            if (result.Failure is not null) Line(console, '!', result.Failure, Color.Red);
            foreach (LineDifference difference in unlisted)
            {
                if (difference.Expected is not null) Line(console, '-', difference.Expected, Color.Red);
                if (difference.Actual is not null) Line(console, '+', difference.Actual, Color.Green);
            }

            foreach (int line in outlived)
                Line(console, '!', $"{result.Name}:{line} does not differ any more: take it off the list", Color.Yellow);
        }

        if (later.Count > 0)
        {
            int known = results.Sum(result => result.Differences.Count(difference => later.Contains(result.Name, difference.Number)));
            console.Write(new Text($"known differences: {known} lines of the list\n"));
        }

        int identical = results.Count(result => result.IsIdentical), lines = results.Sum(result => result.Lines);
        console.Write(new Text(
            $"scenarios: {identical} of {results.Count} identical, lines: {results.Sum(result => result.IdenticalLines)} of {lines} identical\n"));
        return passed;
    }

    private static void Line(IAnsiConsole console, char mark, string text, Color color)
    {
        foreach (string line in text.Split('\n')) console.Write(new Text($"{mark}{line}\n", new Style(color)));
    }
}
