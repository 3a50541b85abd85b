// SPDX-License-Identifier: MIT
using System.Xml.Linq;

namespace VfioSharp.Structure.Tests;

/// <summary>The files of the repository that the tests run in.</summary>
internal static class Repository
{
    private static readonly string[] s_sourceFolders = ["src", "tests", "bench", "samples"];

    /// <summary>Full path of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# source file, written by hand, sorted.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
        [.. Files("*.cs").Select(path => new SourceFile(path, File.ReadAllLines(Path.Combine(Root, path))))];

    /// <summary>Every project file, relative to the root, sorted.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. Files("*.csproj")];

    /// <summary>The layers: names of the projects in src with the names of the projects they refer to.</summary>
    public static IReadOnlyDictionary<string, string[]> Layers { get; } = Projects
        .Where(path => path.StartsWith("src/", StringComparison.Ordinal))
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), ReferencesOf);

    private static string[] ReferencesOf(string project) =>
        [.. XDocument.Load(Path.Combine(Root, project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];

    private static IEnumerable<string> Files(string pattern) => s_sourceFolders
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Root, path))
        // Build output of a tool that does not know of artifacts/.
        .Where(path => !path.Split('/').Any(part => part is "obj" or "bin"))
        .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VfioSharp.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has VfioSharp.slnx.");
    }
}
