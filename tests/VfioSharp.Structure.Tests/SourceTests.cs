// SPDX-License-Identifier: MIT
using System.Text.RegularExpressions;

namespace VfioSharp.Structure.Tests;

/// <summary>Rules that every source file keeps.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 800;
    private const int LongFile = 400;

    [Fact]
    public void No_source_file_has_more_than_800_lines()
    {
        foreach (var source in Repository.Sources.Where(source => source.Lines.Length > LongFile))
            TestContext.Current.AddWarning($"{source.Path} has {source.Lines.Length} lines: more than {LongFile}, consider dividing it.");
        RuleAssert.None(Repository.Sources.Where(source => source.Lines.Length > LongestFile)
            .Select(source => $"{source.Path} has {source.Lines.Length} lines"));
    }

    [Fact]
    public void Every_source_file_begins_with_its_licence() =>
        RuleAssert.None(Repository.Sources.Where(source => source.Lines is [] || source.Lines[0] != "// SPDX-License-Identifier: MIT")
            .Select(source => source.Path));

    [Fact]
    public void Every_namespace_is_the_folder() =>
        // A program of top-level statements has no namespace; a sample has its reader's.
        RuleAssert.None(Repository.Sources.Where(source => !source.Path.StartsWith("samples/", StringComparison.Ordinal))
            .Where(source => source.Namespace is not null || !source.Path.EndsWith("/Program.cs", StringComparison.Ordinal))
            .Where(source => source.Namespace != source.FolderNamespace)
            .Select(source => $"{source.Path} declares {source.Namespace}, not {source.FolderNamespace}"));

    [Fact]
    public void Every_unsafe_block_and_member_says_why_it_is_safe()
    {
        var unexplained =
            from source in Repository.Sources
            where source.Path.StartsWith("src/", StringComparison.Ordinal)
            from line in Enumerable.Range(0, source.Lines.Length)
            let code = source.Code(line)
            where UnsafeUse().IsMatch(code)
            // A type only allows pointers: the places that use them are explained, somewhere in its file. Where
            // there are only declarations of libc calls, nothing is used.
            where UnsafeType().IsMatch(code)
                ? !source.Lines.Any(any => any.Contains("// SAFETY:", StringComparison.Ordinal)) && !source.Path.Contains("/Interop.", StringComparison.Ordinal)
                : !source.SaysNear(line, "// SAFETY:", after: 2)
            select $"{source.Path}:{line + 1}: no // SAFETY: near {code.Trim()}";
        RuleAssert.None(unexplained);
    }

    [Fact]
    public void Every_lock_says_what_it_guards()
    {
        var silent =
            from source in Repository.Sources
            from line in Enumerable.Range(0, source.Lines.Length)
            where LockField().IsMatch(source.Code(line)) && !source.SaysNear(line, "Guards", after: 0)
            select $"{source.Path}:{line + 1}: no comment \"Guards …\" above {source.Lines[line].Trim()}";
        RuleAssert.None(silent);
    }

    [Fact]
    public void Every_lock_of_the_host_has_a_rank()
    {
        var unranked =
            from source in Repository.Sources
            where source.Path.StartsWith("src/VfioSharp.Host/", StringComparison.Ordinal) || source.Path.StartsWith("src/VfioSharp.Devices/", StringComparison.Ordinal)
            where !source.Path.EndsWith("/RankedLock.cs", StringComparison.Ordinal)
            from line in Enumerable.Range(0, source.Lines.Length)
            where UnrankedLock().IsMatch(source.Code(line))
            select $"{source.Path}:{line + 1}: not a RankedLock: {source.Lines[line].Trim()}";
        RuleAssert.None(unranked);
    }

    [GeneratedRegex(@"\bLock\s+\w+.*=\s*new\b|\bnew Lock\(")]
    private static partial Regex UnrankedLock();

    [GeneratedRegex(@"\bunsafe\b|\bfixed \(")]
    private static partial Regex UnsafeUse();

    [GeneratedRegex(@"\bunsafe\b.*\b(class|struct|interface|record)\b")]
    private static partial Regex UnsafeType();

    [GeneratedRegex(@"\b(Ranked)?Lock\s+\w+\s*=\s*new\b")]
    private static partial Regex LockField();
}
