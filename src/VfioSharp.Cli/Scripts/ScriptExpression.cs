// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Scripts;

/// <summary>
/// Evaluates <c>['-'] term (('+'|'-'|'*') term)*</c> from left to right modulo 2^64; a term is a number, <c>$name</c>
/// or <c>@name</c>. Never fails: what is no term ends the expression (vfio-script.c: eval, number).
/// </summary>
internal static class ScriptExpression
{
    /// <summary>The value of an expression; 0 for none.</summary>
    public static ulong Evaluate(string? text, ScriptSymbols symbols, int pageSize)
    {
        if (text is null) return 0;
        int at = 0;
        ulong value = 0;
        char operation = '+';
        if (at < text.Length && text[at] == '-')
        {
            operation = '-';
            at++;
        }

        while (true)
        {
            ulong term;
            if (at < text.Length && text[at] is '$' or '@')
            {
                term = Named(text, ref at, symbols, pageSize);
            }
            else
            {
                int start = at;
                term = Number(text, ref at, pageSize);
                if (at == start) return value;
            }

            value = operation switch { '+' => value + term, '-' => value - term, _ => value * term };
            if (at == text.Length || text[at] is not ('+' or '-' or '*')) return value;
            operation = text[at++];
        }
    }

    private static ulong Named(string text, ref int at, ScriptSymbols symbols, int pageSize)
    {
        bool descriptor = text[at++] == '@';
        int start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
        string name = text[start..at];
        if (descriptor) return symbols.TryGetDescriptor(name, out int number) ? (ulong)number : ulong.MaxValue;
        return name == "PAGE" ? (ulong)pageSize : symbols.Value(name);
    }

    // A number as strtoull reads it with base 0 (blanks, sign, 0x, leading 0 octal, saturation), and a suffix.
    private static ulong Number(string text, ref int at, int pageSize)
    {
        int cursor = at;
        ulong value = ReadUnsigned(text, ref cursor, out bool any);
        if (!any) return 0;
        at = cursor;
        if (at == text.Length) return value;
        switch (text[at])
        {
            case 'K': value <<= 10; break;
            case 'M': value <<= 20; break;
            case 'G': value <<= 30; break;
            case 'T': value <<= 40; break;
            case 'P': value *= (ulong)pageSize; break;
            default: return value;
        }

        at++;
        return value;
    }

    /// <summary>strtoull with base 0; <paramref name="any"/> is whether there was a digit.</summary>
    internal static ulong ReadUnsigned(string text, ref int at, out bool any)
    {
        while (at < text.Length && text[at] is ' ' or (>= '\t' and <= '\r')) at++;
        bool negative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is '-' or '+') at++;

        uint radix = 10;
        if (at + 2 < text.Length && text[at] == '0' && text[at + 1] is 'x' or 'X' && char.IsAsciiHexDigit(text[at + 2]))
        {
            radix = 16;
            at += 2;
        }
        else if (at < text.Length && text[at] == '0')
        {
            radix = 8;
        }

        any = false;
        ulong value = 0;
        bool overflow = false;
        for (; at < text.Length && Digit(text[at]) < radix; at++)
        {
            any = true;
            UInt128 next = (UInt128)value * radix + Digit(text[at]);
            overflow |= next > ulong.MaxValue;
            value = (ulong)next;
        }

        if (overflow) return ulong.MaxValue;
        return negative ? 0 - value : value;
    }

    private static uint Digit(char c) =>
        char.IsAsciiDigit(c) ? (uint)(c - '0') : char.IsAsciiHexDigit(c) ? (uint)((c | 0x20) - 'a' + 10) : uint.MaxValue;
}
