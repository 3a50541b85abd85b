// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.Conformance;

/// <summary>
/// The lines that are known to differ: <c>SCENARIO:LINE  REASON</c>, one a line; <c>#</c> begins a comment. Exact in
/// both directions: a line that differs and is not listed fails, and so does a listed line that does not differ.
/// </summary>
internal sealed class LaterList
{
    private readonly Dictionary<(string Scenario, int Line), string> _reasons = [];

    /// <summary>Lines listed.</summary>
    public int Count => _reasons.Count;

    /// <summary>Reads lists and joins them.</summary>
    public static LaterList Load(params IEnumerable<string> files)
    {
        LaterList list = new();
        foreach (string file in files) list.Read(file);
        return list;
    }

    /// <summary>Whether a line is listed.</summary>
    public bool Contains(string scenario, int line) => _reasons.ContainsKey((scenario, line));

    /// <summary>The listed lines of a scenario that did not differ.</summary>
    public IEnumerable<int> Outlived(ScenarioResult result) =>
        _reasons.Keys
            .Where(key => key.Scenario == result.Name && result.Differences.All(difference => difference.Number != key.Line))
            .Select(key => key.Line)
            .Order();

    /// <summary>The differing lines of a scenario that are not listed.</summary>
    public IEnumerable<LineDifference> Unlisted(ScenarioResult result) =>
        result.Differences.Where(difference => !Contains(result.Name, difference.Number));

    private void Read(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"the list '{file}' cannot be read: {problem.Message}", "name a file of lines SCENARIO:LINE  REASON");
        }

        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (!Add(line))
                throw CommandFailure.Usage($"{file}:{i + 1}: expected SCENARIO:LINE  REASON, found '{line}'", "correct or remove that line");
        }
    }

    private bool Add(string line)
    {
        int blank = line.IndexOfAny([' ', '\t']);
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && blank > colon &&
            int.TryParse(line.AsSpan(colon + 1, blank - colon - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) &&
            _reasons.TryAdd((line[..colon], number), line[blank..].Trim());
    }
}
