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

    public static string Answers(string set) => Answers("x86", set);

    public static string Answers(string machine, string set) => Path.Combine(Folder, "answers", machine, set);

    /// <summary>The scenarios of x86 that later issues answer (outside.txt): the first word of each line that is no comment.</summary>
    public static HashSet<string> Outside() => Outside("x86");

    /// <summary>The scenarios that are not compared: x86's outside.txt, and run-outside.txt of machines that only <c>vfio run</c> plays in part.</summary>
    public static HashSet<string> Outside(string machine) =>
    [
        .. File.ReadLines(Path.Combine(Folder, machine, machine == "x86" ? "outside.txt" : "run-outside.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ')[0]),
    ];
}
