// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Cli.Conformance;

/// <summary>What one script line printed, with its continuation lines.</summary>
/// <param name="Number">The script line's number.</param>
/// <param name="Text">The text without the last line end.</param>
internal readonly record struct RecordedLine(int Number, string Text)
{
    /// <summary>Splits an output. Continuation lines begin with two blanks; what has no number of its own belongs to the line before.</summary>
    public static IReadOnlyList<RecordedLine> Parse(string output)
    {
        List<RecordedLine> lines = [];
        foreach (string line in output.Split('\n'))
        {
            if (line.Length == 0) continue;
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (blank > 0 && int.TryParse(line.AsSpan(0, blank), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                lines.Add(new RecordedLine(number, line));
            else if (lines.Count > 0)
                lines[^1] = lines[^1] with { Text = lines[^1].Text + "\n" + line };
            else
                lines.Add(new RecordedLine(0, line));
        }

        return lines;
    }
}
