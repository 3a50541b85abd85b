// SPDX-License-Identifier: MIT
using System.IO.Enumeration;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.Conformance;

/// <summary>A scenario with its recorded answer.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="File">The script.</param>
/// <param name="AnswerFile">What the real kernel printed.</param>
internal sealed record Scenario(string Name, string File, string AnswerFile)
{
    private const string ScriptEnding = ".vfio";
    private const string AnswerEnding = ".out";

    /// <summary>The scenarios of a folder that a filter lets through, by name.</summary>
    /// <param name="scenarios">The folder of scripts.</param>
    /// <param name="answers">The folder of answers.</param>
    /// <param name="filter">Patterns with * and ?, joined by commas; null: all.</param>
    public static IReadOnlyList<Scenario> Find(string scenarios, string answers, string? filter)
    {
        foreach (string folder in new[] { scenarios, answers })
            if (!Directory.Exists(folder))
                throw CommandFailure.Usage($"the folder '{folder}' does not exist", "name the folders that hold NAME.vfio and NAME.out, as in tests/conformance");

        List<Scenario> found =
        [
            .. Directory.EnumerateFiles(scenarios, "*" + ScriptEnding)
                .Select(file => new Scenario(
                    Path.GetFileNameWithoutExtension(file),
                    file,
                    Path.Combine(answers, Path.GetFileNameWithoutExtension(file) + AnswerEnding)))
                .Where(scenario => Matches(scenario.Name, filter))
                .OrderBy(scenario => scenario.Name, StringComparer.Ordinal),
        ];
        if (found.Count == 0)
            throw CommandFailure.Usage($"no scenario of '{scenarios}' matches '{filter ?? "*"}'", "scenarios are files NAME.vfio; --filter takes patterns such as 'map-*,unmap-*'");
        if (found.FirstOrDefault(scenario => !System.IO.File.Exists(scenario.AnswerFile)) is { } missing)
            throw CommandFailure.Usage($"scenario '{missing.Name}' has no answer: {missing.AnswerFile} does not exist", "name with --answers the folder that was recorded for these scenarios");
        return found;
    }

    /// <summary>Whether a name matches one of the patterns.</summary>
    public static bool Matches(string name, string? filter) =>
        filter is null ||
        filter.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
