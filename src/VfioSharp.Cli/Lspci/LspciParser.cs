// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Pci;

namespace VfioSharp.Cli.Lspci;

/// <summary>
/// Reads what <c>lspci -xxxx -vvv</c> printed, with or without <c>-D</c> and <c>-nn</c>, as of pciutils' ls-*.c. Of the
/// decoded lines only those are looked at that the bytes do not tell: regions with their sizes, driver, IOMMU group.
/// </summary>
internal sealed class LspciParser
{
    private const int RowLength = 16;
    private const string DriverLine = "Kernel driver in use:";
    private const string GroupLine = "IOMMU group:";

    private readonly string _file;
    private readonly List<LspciFunction> _functions = [];
    private readonly HashSet<PciAddress> _addresses = [];
    private LspciFunction? _current;
    private int _line;

    private readonly ICollection<string> _notes;
    private bool _leftOut;

    private LspciParser(string file, ICollection<string> notes) => (_file, _notes) = (file, notes);

    /// <summary>Reads the functions.</summary>
    /// <param name="text">What lspci printed.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="notes">Where functions are told that no machine file can have.</param>
    /// <exception cref="LspciFormatException">It is not what lspci prints.</exception>
    public static IReadOnlyList<LspciFunction> Parse(string text, string file, ICollection<string> notes)
    {
        var parser = new LspciParser(file, notes);
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            parser._line++;
            parser.Line(line.TrimEnd());
        }

        parser.EndFunction();
        return parser._functions.Count != 0
            ? parser._functions
            : throw new LspciFormatException(file, 1, "the output of lspci -xxxx -vvv", "no PCI function");
    }

    private void Line(ReadOnlySpan<char> line)
    {
        // What lspci says on standard error may be in the same file.
        if (line.IsEmpty || line.StartsWith("lspci:") || line.StartsWith("pcilib:")) return;
        if (line[0] is '\t' or ' ') Attribute(line);
        else if (line.IndexOf(": ") is not (2 or 3) || !char.IsAsciiHexDigit(line[0])) Heading(line);
        else if (!_leftOut) Row(line);
    }

    private void Heading(ReadOnlySpan<char> line)
    {
        int end = line.IndexOf(' ');
        string slot = (end < 0 ? line : line[..end]).ToString();
        _leftOut = IsWideSegment(slot);
        if (_leftOut)
        {
            EndFunction();
            _notes.Add($"{slot} is left out: machine files have segments up to ffff");
            return;
        }

        string full = slot.Length == 7 ? "0000:" + slot : slot;
        if (!PciAddress.TryParse(full, out PciAddress address))
            throw Wrong("a device's line that begins like 0000:03:00.0 or 03:00.0", Quote(line));
        EndFunction();
        if (!_addresses.Add(address)) throw Wrong("each device once", $"{address} again");
        _current = new LspciFunction(address, _line);
        _functions.Add(_current);
    }

    // Linux numbers the segments of Intel's VMD from 10000 on (vmd.c: vmd_enable_domain).
    private static bool IsWideSegment(string slot) =>
        slot.IndexOf(':') is > 4 and <= 8 and var colon && PciAddress.TryParse("0000" + slot[colon..], out _) &&
        uint.TryParse(slot.AsSpan(0, colon), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);

    private void EndFunction()
    {
        if (_current is { Config.Count: < 64 } function)
        {
            throw new LspciFormatException(
                _file, function.Line, $"64 or more configuration bytes of {function.Address} (lspci -xxxx prints them)", $"{function.Config.Count}");
        }

        _current = null;
    }

    private void Row(ReadOnlySpan<char> line)
    {
        if (_current is null) throw Wrong("a device's line before its configuration bytes", Quote(line));
        int colon = line.IndexOf(':');
        if (!int.TryParse(line[..colon], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int offset) ||
            offset != _current.Config.Count || offset >= ConfigOffset.ExtendedSize)
        {
            throw Wrong($"the row of offset {_current.Config.Count:x2}", Quote(line));
        }

        ReadOnlySpan<char> rest = line[(colon + 1)..];
        int count = 0;
        foreach (Range part in rest.Split(' '))
        {
            ReadOnlySpan<char> digits = rest[part];
            if (digits.IsEmpty) continue;
            if (digits.Length != 2 || !byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                throw Wrong("bytes of two hexadecimal digits", Quote(digits));
            _current.Config.Add(value);
            count++;
        }

        if (count != RowLength) throw Wrong($"{RowLength} bytes in a row", $"{count}");
    }

    private void Attribute(ReadOnlySpan<char> line)
    {
        // Two tabs lead what a capability says of itself: SR-IOV has Region lines of its own, without sizes.
        if (_current is null || line.StartsWith("\t\t")) return;
        ReadOnlySpan<char> text = line.Trim();
        if (text.StartsWith(DriverLine))
        {
            string driver = text[DriverLine.Length..].Trim().ToString();
            _current.Driver = driver.Length != 0 ? driver : throw Wrong("a driver's name", Quote(line));
        }
        else if (text.StartsWith(GroupLine))
        {
            _current.Group = int.TryParse(text[GroupLine.Length..], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int group)
                ? group
                : throw Wrong("an IOMMU group's number", Quote(line));
        }
        else if (LspciRegion.IsRegion(text))
        {
            if (!LspciRegion.TryParse(text, out Host.Pci.PciBar bar, out string? expected)) throw Wrong(expected, Quote(text));
            if (bar.Size == 0) return;
            if (_current.Bars.Exists(other => other.Index == bar.Index)) throw Wrong("each region once", Quote(text));
            _current.Bars.Add(bar);
        }
    }

    private LspciFormatException Wrong(string expected, string found) => new(_file, _line, expected, found);

    private static string Quote(ReadOnlySpan<char> text) => text.Length > 60 ? $"\"{text[..60]}…\"" : $"\"{text}\"";
}
