// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;

namespace VfioSharp.Cli.Tracing;

/// <summary>Texts of a program, made harmless for a line of output.</summary>
internal static class SafeText
{
    /// <summary>A text as it is, but for what could end the line or steer a terminal: that is escaped.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(NeedsEscape)) return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (char letter in text)
        {
            if (NeedsEscape(letter)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else escaped.Append(letter);
        }

        return escaped.ToString();
    }

    /// <summary>Bytes up to a zero as a text in quotes; what is not printable ASCII is escaped.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        var quoted = new StringBuilder("\"");
        foreach (byte letter in end < 0 ? bytes : bytes[..end])
        {
            if (letter is < 0x20 or >= 0x7f or (byte)'"' or (byte)'\\') quoted.Append(CultureInfo.InvariantCulture, $"\\x{letter:x2}");
            else quoted.Append((char)letter);
        }

        return quoted.Append('"').ToString();
    }

    // Line separators and marks that turn the direction of writing are format characters or separators.
    private static bool NeedsEscape(char letter) => char.GetUnicodeCategory(letter) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
}
