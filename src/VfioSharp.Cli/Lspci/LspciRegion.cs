// SPDX-License-Identifier: MIT
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using VfioSharp.Host.Pci;

namespace VfioSharp.Cli.Lspci;

/// <summary>A line like <c>Region 0: Memory at fea00000 (64-bit, prefetchable) [size=1M]</c>.</summary>
internal static class LspciRegion
{
    private const int Rom = 6;

    // IORESOURCE_IO and _MEM with IORESOURCE_SIZEALIGN, as Linux has them for BARs, and the BAR's own low bits;
    // IORESOURCE_PREFETCH, IORESOURCE_MEM_64; a ROM is also IORESOURCE_READONLY.
    private const ulong Io = 0x40101;
    private const ulong Memory = 0x40200;
    private const ulong Prefetchable = 0x2008;
    private const ulong Wide = 0x100004;
    private const ulong RomMemory = 0x46200;

    /// <summary>Whether a line is one, or a ROM's.</summary>
    public static bool IsRegion(ReadOnlySpan<char> text) =>
        text.StartsWith("Region ") || text.StartsWith("Expansion ROM at ") || text.StartsWith("[virtual] Expansion ROM at ");

    /// <summary>Reads it; size 0 when the line says none. An address that was not assigned is 0.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PciBar bar, [NotNullWhen(false)] out string? expected)
    {
        bar = default;
        expected = null;
        int index = Rom;
        if (text.StartsWith("Region ") && (text.Length < 9 || text[8] != ':' || (index = text[7] - '0') is < 0 or > 5))
        {
            expected = "Region 0: to Region 5:";
            return false;
        }

        int at = text.IndexOf(" at ");
        ReadOnlySpan<char> rest = at < 0 ? [] : text[(at + 4)..];
        int end = rest.IndexOf(' ');
        ReadOnlySpan<char> place = end < 0 ? rest : rest[..end];
        ulong start = 0;
        if (place.IsEmpty || (place[0] != '<' && !ulong.TryParse(place, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out start)))
        {
            expected = "an address in hexadecimal digits after \"at\"";
            return false;
        }

        bool isIo = text.Contains("I/O ports at ", StringComparison.Ordinal);
        if (index != Rom && !isIo && !text.Contains("Memory at ", StringComparison.Ordinal))
        {
            expected = "\"Memory at\" or \"I/O ports at\"";
            return false;
        }

        if (!TrySize(text, out ulong size))
        {
            expected = "a size like [size=64K], a power of two";
            return false;
        }

        if (size != 0 && (start & (size - 1)) != 0)
        {
            expected = $"an address that is a multiple of the size 0x{size:x}";
            return false;
        }

        ulong flags = index == Rom ? RomMemory : isIo ? Io : Memory;
        if (!isIo && index != Rom)
        {
            if (text.Contains("(64-bit", StringComparison.Ordinal)) flags |= Wide;
            if (!text.Contains("non-prefetchable", StringComparison.Ordinal)) flags |= Prefetchable;
        }

        bar = new PciBar(index, start, size, flags);
        return true;
    }

    private static bool TrySize(ReadOnlySpan<char> text, out ulong size)
    {
        const string Key = "[size=";
        size = 0;
        int at = text.IndexOf(Key);
        if (at < 0) return true;
        ReadOnlySpan<char> value = text[(at + Key.Length)..];
        int end = value.IndexOf(']');
        if (end < 1) return false;
        int shift = value[end - 1] switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        if (!ulong.TryParse(value[..(shift == 0 ? end : end - 1)], NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)) return false;
        if (!ulong.IsPow2(count) || ulong.Log2(count) + (ulong)shift > 62) return false;
        size = count << shift;
        return true;
    }
}
