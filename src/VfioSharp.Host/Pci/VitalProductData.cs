// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Pci;

/// <summary>
/// The vital product data behind a function's capability, as the kernel reads and writes it (drivers/pci/vpd.c): a list
/// of tags, whose end is found at the first access and stays the limit. Beyond the image the storage holds zeros.
/// </summary>
public sealed class VitalProductData
{
    /// <summary>The most a capability can address: 32 KiB.</summary>
    public const int Capacity = Abi.PciRegs.PciVpd.AddressMask + 1;

    private const byte LargeTag = 0x80;
    private const int EndTag = 0xf;

    // Guards all below. Innermost.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private readonly byte[] _bytes = new byte[Capacity];
    private int? _length;

    /// <summary>Takes the bytes of the storage, its zeros at the end may be cut.</summary>
    public VitalProductData(ReadOnlySpan<byte> image) => image.CopyTo(_bytes);

    /// <summary>
    /// Reads four bytes (pci_read_vpd); what lies past the end reads 0. False when there is no valid list of tags.
    /// </summary>
    public bool TryRead(int offset, out uint value)
    {
        using (_lock.EnterScope())
        {
            value = 0;
            if (Length == 0) return false;
            for (int i = 0; i < 4 && offset + i < Length; i++) value |= (uint)_bytes[offset + i] << (8 * i);
            return true;
        }
    }

    /// <summary>Writes four bytes (pci_write_vpd): aligned and inside the list, else false.</summary>
    public bool TryWrite(int offset, uint value)
    {
        using (_lock.EnterScope())
        {
            if (offset % 4 != 0 || offset + 4 > Length) return false;
            BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset), value);
            return true;
        }
    }

    private int Length => _length ??= FindLength();

    // pci_vpd_size: 0 for a list that does not begin.
    private int FindLength()
    {
        if (_bytes[0] is 0 or 0xff) return 0;
        int offset = 0;
        while (offset < Capacity)
        {
            byte tag = _bytes[offset];
            bool large = (tag & LargeTag) != 0;
            if (large && offset + 3 > Capacity) return offset;
            int size = large ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset + 1)) : tag & 7;
            if (offset + size > Capacity) return offset;
            offset += (large ? 3 : 1) + size;
            if (!large && tag >> 3 == EndTag) return offset;
        }

        return offset;
    }
}
