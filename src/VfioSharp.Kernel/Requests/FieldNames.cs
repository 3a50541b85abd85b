// SPDX-License-Identifier: MIT
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using VfioSharp.Abi;

namespace VfioSharp.Kernel.Requests;

/// <summary>The names of a field's values, or of its bits, from the constants of a class of the ABI.</summary>
internal sealed class FieldNames
{
    private readonly List<(ulong Value, string Name)> _names = [];
    private readonly bool _areBits;
    private readonly FieldNames? _bitsAbove;
    private readonly ulong _mask;

    private FieldNames([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type constants, string prefix, string suffix, bool areBits, FieldNames? bitsAbove, ulong mask)
    {
        _areBits = areBits;
        _bitsAbove = bitsAbove;
        _mask = mask;
        foreach (FieldInfo field in constants.GetFields(BindingFlags.Static | BindingFlags.Public))
        {
            string name = field.GetCustomAttribute<CNameAttribute>()!.Name;
            ulong value = Convert.ToUInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture);
            // A mask, or the number of values, is no name of one.
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || !name.EndsWith(suffix, StringComparison.Ordinal)) continue;
            if (areBits && !BitOperations.IsPow2(value)) continue;
            _names.Add((value, name[prefix.Length..^suffix.Length]));
        }
    }

    /// <summary>Each constant names a value.</summary>
    public static FieldNames Values(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type constants, string prefix, string suffix = "") =>
        new(constants, prefix, suffix, areBits: false, null, ulong.MaxValue);

    /// <summary>Each constant names a bit.</summary>
    public static FieldNames Bits(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type constants, string prefix) =>
        new(constants, prefix, "", areBits: true, null, ulong.MaxValue);

    /// <summary>The bits of <paramref name="mask"/> are a value that a constant names, those above bits of <paramref name="above"/>.</summary>
    public static FieldNames ValueBelowBits(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type constants, string prefix, ulong mask, FieldNames above) =>
        new(constants, prefix, "", areBits: false, above, mask);

    /// <summary>A value by its names; what has none is a number.</summary>
    public string Format(ulong value)
    {
        if (_areBits) return FormatBits(value);
        string name = _names.Find(entry => entry.Value == (value & _mask)).Name ?? (value & _mask).ToString(CultureInfo.InvariantCulture);
        ulong above = value & ~_mask;
        return _bitsAbove is null || above == 0 ? name : $"{name}|{_bitsAbove.FormatBits(above)}";
    }

    private string FormatBits(ulong value)
    {
        if (value == 0) return "0";
        var parts = new List<string>();
        foreach ((ulong bit, string name) in _names)
        {
            if ((value & bit) == 0) continue;
            parts.Add(name);
            value &= ~bit;
        }

        if (value != 0) parts.Add($"0x{value:x}");
        return string.Join('|', parts);
    }
}
