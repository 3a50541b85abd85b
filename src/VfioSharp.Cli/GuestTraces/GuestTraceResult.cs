// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Cli.GuestTraces;

/// <summary>What playing a trace found.</summary>
internal sealed class GuestTraceResult
{
    private readonly SortedDictionary<string, int> _checked = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _inputs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _ignored = new(StringComparer.Ordinal);
    private readonly List<string> _differences = [];

    /// <summary>A line for each answer that is not the recorded one.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>Answers compared, by kind of event.</summary>
    public IReadOnlyDictionary<string, int> Checked => _checked;

    /// <summary>Events whose answer says nothing on its own.</summary>
    public IReadOnlyDictionary<string, int> Inputs => _inputs;

    /// <summary>Lines that are no event that is known.</summary>
    public IReadOnlyDictionary<string, int> Ignored => _ignored;

    /// <summary>Compares an answer.</summary>
    public void Check<T>(string kind, int line, string what, T recorded, T ours)
    {
        _checked[kind] = _checked.GetValueOrDefault(kind) + 1;
        if (!EqualityComparer<T>.Default.Equals(recorded, ours))
            _differences.Add(string.Create(CultureInfo.InvariantCulture, $"line {line}: {kind}: {what}: recorded {recorded}, ours {ours}"));
    }

    /// <summary>Counts an event that only prepares others.</summary>
    public void Input(string kind) => _inputs[kind] = _inputs.GetValueOrDefault(kind) + 1;

    /// <summary>Counts a line that is not looked at.</summary>
    public void Ignore(string kind) => _ignored[kind] = _ignored.GetValueOrDefault(kind) + 1;

    /// <summary>The last line of the command.</summary>
    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"checked {_checked.Values.Sum()}{Kinds(_checked)}, input {_inputs.Values.Sum()}{Kinds(_inputs)}, ignored {_ignored.Values.Sum()}{Kinds(_ignored)}: {_differences.Count} differ");

    private static string Kinds(SortedDictionary<string, int> counts) =>
        counts.Count == 0 ? "" : $" ({string.Join(", ", counts.Select(entry => $"{entry.Key} {entry.Value.ToString(CultureInfo.InvariantCulture)}"))})";
}
