// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci;

/// <summary>Configuration bytes that the monitor keeps, with the bits a guest can write.</summary>
public sealed class ConfigImage
{
    private readonly byte[] _bytes = new byte[ConfigOffset.ExtendedSize];
    private readonly byte[] _writable = new byte[ConfigOffset.ExtendedSize];
    private readonly byte[] _clearedByOnes = new byte[ConfigOffset.ExtendedSize];

    /// <summary>All bytes.</summary>
    public Span<byte> Bytes => _bytes;

    /// <summary>The bits a guest can write.</summary>
    public Span<byte> Writable => _writable;

    /// <summary>The bits a guest clears by writing ones.</summary>
    public Span<byte> ClearedByOnes => _clearedByOnes;

    /// <summary>The layout, for reading.</summary>
    public ConfigView View => new(_bytes);

    /// <summary>The COMMAND register.</summary>
    public PciCommand Command => (PciCommand)Read(ConfigOffset.Command, 2);

    /// <summary>1, 2 or 4 bytes, little-endian.</summary>
    public uint Read(int offset, int width)
    {
        uint value = 0;
        for (int i = 0; i < width; i++) value |= (uint)_bytes[offset + i] << (8 * i);
        return value;
    }

    /// <summary>What the monitor says, whatever a guest can write.</summary>
    public void Set(int offset, int width, uint value)
    {
        for (int i = 0; i < width; i++) _bytes[offset + i] = (byte)(value >> (8 * i));
    }

    /// <summary>What the monitor says, with the bits of it that a guest can write.</summary>
    public void Set(int offset, int width, uint value, uint writable)
    {
        Set(offset, width, value);
        for (int i = 0; i < width; i++) _writable[offset + i] = (byte)(writable >> (8 * i));
    }

    /// <summary>What a guest writes.</summary>
    public void Write(int offset, int width, uint value)
    {
        for (int i = 0; i < width; i++)
        {
            byte written = (byte)(value >> (8 * i));
            byte mask = _writable[offset + i];
            int kept = (_bytes[offset + i] & ~mask) | (written & mask);
            _bytes[offset + i] = (byte)(kept & ~(written & _clearedByOnes[offset + i]));
        }
    }

    /// <summary>64 bits.</summary>
    public ulong Read64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(offset));
}
