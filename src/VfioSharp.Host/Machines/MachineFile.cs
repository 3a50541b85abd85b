// SPDX-License-Identifier: MIT
using System.Text.Json;

namespace VfioSharp.Host.Machines;

/// <summary>Reads machine files (docs/machines.md). Strict: what is not understood is an error, with its place.</summary>
public static class MachineFile
{
    /// <summary>The format this reader understands.</summary>
    public const string Format = "vfiosharp-machine/1";

    /// <summary>Reads a file; with <paramref name="catalog"/>, its models must be ones that the catalog knows.</summary>
    /// <exception cref="MachineFormatException">The file is not a machine of this format, or cannot be read.</exception>
    public static MachineDescription Load(string path, IDeviceCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return Parse(File.ReadAllBytes(path), path, catalog);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new MachineFormatException(path, "$", 0, "a readable machine file", cause.Message, cause);
        }
    }

    /// <summary>Reads the bytes of a file; <paramref name="file"/> is its name for errors.</summary>
    /// <exception cref="MachineFormatException">The bytes are not a machine of this format.</exception>
    public static MachineDescription Parse(ReadOnlySpan<byte> json, string file, IDeviceCatalog? catalog = null)
    {
        MachineDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, MachineJson.Default.MachineDocument);
        }
        catch (JsonException cause)
        {
            // Our converters say "expected\nfound"; the parser's own messages are one sentence about what it found.
            string[] parts = cause.Message.Split('\n', 2);
            string expected = parts.Length == 2 ? parts[0] : "the machine format " + Format;
            string found = parts.Length == 2 ? parts[1] : WithoutPlace(cause.Message);
            throw new MachineFormatException(file, cause.Path ?? "$", (cause.LineNumber ?? -1) + 1, expected, found, cause);
        }

        if (document is null) throw new MachineFormatException(file, "$", 1, "an object", "null");
        return new MachineReader(json, file, catalog?.Models).Read(document);
    }

    private static string WithoutPlace(string message)
    {
        int place = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return (place < 0 ? message : message[..place]).TrimEnd('.');
    }
}
