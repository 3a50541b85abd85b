// SPDX-License-Identifier: MIT
using System.Text.RegularExpressions;

namespace VfioSharp.Structure.Tests;

/// <summary>One source file.</summary>
/// <param name="Path">Relative to the repository.</param>
/// <param name="Lines">Its lines.</param>
internal sealed partial record SourceFile(string Path, string[] Lines)
{
    /// <summary>Name of the project whose folder it is in.</summary>
    public string Project => Path.Split('/')[1];

    /// <summary>Name of its folder as a namespace.</summary>
    public string FolderNamespace => string.Join('.', Path.Split('/')[1..^1]);

    /// <summary>The namespace it declares, or null.</summary>
    public string? Namespace => Lines.Select(line => NamespaceDeclaration().Match(line))
        .FirstOrDefault(match => match.Success)?.Groups[1].Value;

    /// <summary>A line without its comment and without the contents of its strings.</summary>
    public string Code(int line) => Comment().Replace(Text().Replace(Lines[line], "\"\""), "");

    /// <summary>True when the line, one of the three above it or the one after it has the words.</summary>
    public bool SaysNear(int line, string words, int after) =>
        Lines.Skip(Math.Max(0, line - 3)).Take(Math.Min(line, 3) + 1 + after).Any(near => near.Contains(words, StringComparison.Ordinal));

    [GeneratedRegex(@"^namespace ([\w.]+)")]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex("//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"
        """)]
    private static partial Regex Text();
}
