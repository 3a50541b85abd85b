// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Scripts;

/// <summary>Bytes written as pairs of hexadecimal digits.</summary>
internal static class Hexadecimal
{
    /// <summary>Reads pairs until one is no number or there is no more room; returns how many bytes were read.</summary>
    public static int Read(string? text, Span<byte> bytes)
    {
        int count = 0;
        for (int i = 0; text is not null && i + 1 < text.Length && count < bytes.Length; i += 2)
        {
            // "%2x" takes the digits it finds: "5g" is 5.
            if (!char.IsAsciiHexDigit(text[i])) break;
            int digits = char.IsAsciiHexDigit(text[i + 1]) ? 2 : 1;
            bytes[count++] = Convert.ToByte(text.Substring(i, digits), 16);
        }

        return count;
    }
}
