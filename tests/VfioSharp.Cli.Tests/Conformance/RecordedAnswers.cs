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
}
