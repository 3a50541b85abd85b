// SPDX-License-Identifier: MIT
using System.Text.RegularExpressions;

namespace VfioSharp.Structure.Tests;

/// <summary>What the documents name is there.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] s_documents =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md").Select(Path.GetFileName).OfType<string>(),
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(path => "docs/" + Path.GetFileName(path)),
    ];

    [Fact]
    public void Every_file_a_document_names_exists() => RuleAssert.None(
        from document in s_documents
        from Match match in FileName().Matches(Read(document))
        let file = match.Groups[1].Value
        where !Exists(file)
        select $"{document}: {file} does not exist");

    [Fact]
    public void Every_test_a_document_names_exists() => RuleAssert.None(
        from document in s_documents
        from Match match in TestName().Matches(Read(document))
        let type = match.Groups[1].Value
        let method = match.Groups[2].Value
        where method != "cs" && !Repository.Sources.Any(source =>
            Path.GetFileName(source.Path) == type + ".cs" && source.Lines.Any(line => line.Contains($" {method}(", StringComparison.Ordinal)))
        select $"{document}: {type}.{method} does not exist");

    private static string Read(string document) => File.ReadAllText(Path.Combine(Repository.Root, document));

    /// <summary>A path is from the root; a bare name is that of any source.</summary>
    private static bool Exists(string file) =>
        Path.Exists(Path.Combine(Repository.Root, file)) ||
        (!file.Contains('/', StringComparison.Ordinal) && Repository.Sources.Any(source => Path.GetFileName(source.Path) == file));

    /// <summary>A file in backticks that is one of ours: a source, or something below a folder of the repository.</summary>
    [GeneratedRegex(@"`((?:(?:src|tests|docs|samples|machines|bench|eng)/[\w./-]+\.\w+)|\w+\.cs)`")]
    private static partial Regex FileName();

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();
}
