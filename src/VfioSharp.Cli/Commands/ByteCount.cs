// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Cli.Commands;

/// <summary>Numbers of bytes as users write and read them: 64G, 4 KiB.</summary>
internal static class ByteCount
{
    private const string Suffixes = "KMGTP";

    /// <summary>Reads 4096, 0x1000, 64K, 2M, 64G, 1T.</summary>
    public static bool TryParse(string text, out ulong bytes)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes);
        int power = text.Length == 0 ? 0 : Suffixes.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) + 1;
        string digits = power == 0 ? text : text[..^1];
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes)) return false;
        bool fits = bytes <= ulong.MaxValue >> (10 * power);
        bytes <<= 10 * power;
        return fits;
    }

    /// <summary>The largest binary unit that says it exactly, or with one digit.</summary>
    public static string Text(ulong bytes)
    {
        int power = 0;
        while (power < Suffixes.Length && bytes >> (10 * (power + 1)) != 0) power++;
        if (power == 0) return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        double value = bytes / Math.Pow(1024, power);
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Suffixes[power - 1]}iB");
    }
}
