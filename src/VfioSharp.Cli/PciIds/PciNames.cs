// SPDX-License-Identifier: MIT
using System.Globalization;
using System.IO.Compression;

namespace VfioSharp.Cli.PciIds;

/// <summary>Names out of pci.ids, where the computer has it. Read line by line for what is asked, nothing is kept.</summary>
/// <param name="file">The file, plain or .gz; null: there is none, and nothing has a name.</param>
internal sealed class PciNames(string? file)
{
    private static readonly string[] s_places =
        ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids", "/usr/share/misc/pci.ids.gz", "/usr/share/hwdata/pci.ids.gz"];

    /// <summary>Those of this computer.</summary>
    public static PciNames Installed { get; } = new(s_places.FirstOrDefault(File.Exists));

    /// <summary>Whether there is a list of names.</summary>
    public bool IsInstalled => file is not null;

    /// <summary>A vendor's name, or null.</summary>
    public string? Vendor(ushort vendor) => Find(Hex(vendor, 4));

    /// <summary>A device's name, or null.</summary>
    public string? Device(ushort vendor, ushort device) => Find(Hex(vendor, 4), Hex(device, 4));

    /// <summary>The name of a device on a card, or null.</summary>
    public string? Subsystem(ushort vendor, ushort device, ushort subsystemVendor, ushort subsystem) =>
        Find(Hex(vendor, 4), Hex(device, 4), $"{Hex(subsystemVendor, 4)} {Hex(subsystem, 4)}");

    /// <summary>A base class' name, or null.</summary>
    public string? BaseClass(byte code) => Find("C " + Hex(code, 2));

    /// <summary>A class' name, or null.</summary>
    public string? Class(ushort code) => Find("C " + Hex((uint)code >> 8, 2), Hex((uint)code & 0xff, 2));

    // A line's depth is its count of tabs; the key of each depth must have been met right above.
    private string? Find(params ReadOnlySpan<string> keys)
    {
        if (file is null) return null;
        try
        {
            using Stream stream = Open(file);
            using var reader = new StreamReader(stream);
            int met = 0;
            while (reader.ReadLine() is { } line)
            {
                ReadOnlySpan<char> text = line.AsSpan().TrimStart('\t');
                int depth = line.Length - text.Length;
                if (text.IsEmpty || text[0] == '#') continue;
                if (depth < met) return null;
                if (depth != met || !text.StartsWith(keys[met]) || !text[keys[met].Length..].StartsWith("  ")) continue;
                if (++met == keys.Length) return text[keys[^1].Length..].Trim().ToString();
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // Without names there are numbers.
            return null;
        }

        return null;
    }

    private static Stream Open(string path)
    {
        Stream stream = File.OpenRead(path);
        return path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static string Hex(uint value, int digits) => value.ToString("x" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
