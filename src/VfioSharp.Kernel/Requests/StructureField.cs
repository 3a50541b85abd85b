// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Globalization;

namespace VfioSharp.Kernel.Requests;

/// <summary>A field of a structure of the ABI, and how its bytes read.</summary>
public sealed class StructureField
{
    private readonly FieldNames? _names;
    private readonly bool _isSigned;

    internal StructureField(string name, int offset, int size, bool isSigned, FieldNames? names)
    {
        Name = name;
        Offset = offset;
        Size = size;
        _isSigned = isSigned;
        _names = names;
    }

    /// <summary>Its name in C.</summary>
    public string Name { get; }

    /// <summary>Where it begins, in bytes.</summary>
    public int Offset { get; }

    /// <summary>How many bytes it has: 1, 2, 4 or 8.</summary>
    public int Size { get; }

    /// <summary>Whether its value is plain and small: it reads best as a decimal number.</summary>
    public bool IsDecimal => _names is null && Size < 8;

    /// <summary>This field where its structure lies within another one.</summary>
    internal StructureField Within(string structure, int offset) => new($"{structure}.{Name}", offset + Offset, Size, _isSigned, _names);

    /// <summary>Whether a structure of so many bytes has the field.</summary>
    public bool IsIn(ReadOnlySpan<byte> structure) => structure.Length >= Offset + Size;

    /// <summary>Its value in a structure's bytes, which have it.</summary>
    public long Read(ReadOnlySpan<byte> structure)
    {
        ReadOnlySpan<byte> bytes = structure.Slice(Offset, Size);
        return Size switch
        {
            1 => _isSigned ? (sbyte)bytes[0] : bytes[0],
            2 => _isSigned ? BinaryPrimitives.ReadInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => _isSigned ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        };
    }

    /// <summary>Its value for a person: by name where it has one, an address in hexadecimal.</summary>
    public string Format(ReadOnlySpan<byte> structure)
    {
        long value = Read(structure);
        if (_names is not null) return _names.Format((ulong)value);
        return IsDecimal ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";
    }
}
