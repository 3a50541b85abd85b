// SPDX-License-Identifier: MIT
using System.Reflection;

namespace VfioSharp.Cli.Tests.Conformance;

/// <summary>Where the recorded scenarios and answers lie.</summary>
internal static class RecordedAnswers
{
    public static string Folder { get; } = Path.GetFullPath(
        typeof(RecordedAnswers).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(attribute => attribute.Key == "ConformanceFolder").Value!);

    public static string Scenarios(string set) => Path.Combine(Folder, "scenarios", set);

    public static string Answers(string set) => Path.Combine(Folder, "answers", "x86", set);

    /// <summary>The scenarios that later issues answer (outside.txt): the first word of each line that is no comment.</summary>
    public static HashSet<string> Outside() =>
    [
        .. File.ReadLines(Path.Combine(Folder, "x86", "outside.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ')[0]),
    ];
}
