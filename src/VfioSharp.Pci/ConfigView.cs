// SPDX-License-Identifier: MIT
using System.Buffers.Binary;

namespace VfioSharp.Pci;

/// <summary>Reads the layout of a function's configuration bytes: header, capability lists. Bytes that are missing read 0.</summary>
public readonly ref struct ConfigView
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over configuration bytes, possibly cut after the last byte that is not 0.</summary>
    public ConfigView(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Vendor id.</summary>
    public ushort VendorId => Read16(ConfigOffset.VendorId);

    /// <summary>Device id.</summary>
    public ushort DeviceId => Read16(ConfigOffset.DeviceId);

    /// <summary>Base class and subclass, as in 0x0300 for VGA.</summary>
    public ushort ClassCode => Read16(ConfigOffset.ClassCode);

    /// <summary>Whether the header is that of a PCI-to-PCI bridge.</summary>
    public bool IsBridge => (Read8(ConfigOffset.HeaderType) & 0x7f) == 1;

    /// <summary>The multifunction bit of the header type.</summary>
    public bool IsMultifunction => (Read8(ConfigOffset.HeaderType) & 0x80) != 0;

    /// <summary>Whether it is a PCI Express function.</summary>
    public bool IsExpress => FindCapability(PciCapabilityId.Express) != 0;

    /// <summary>What it is when it is a PCI Express function.</summary>
    public PciExpressType ExpressType =>
        (PciExpressType)((Read16(FindCapability(PciCapabilityId.Express) + 2) >> 4) & 0xf);

    /// <summary>A byte.</summary>
    public byte Read8(int offset) => (uint)offset < (uint)_bytes.Length ? _bytes[offset] : (byte)0;

    /// <summary>Two bytes.</summary>
    public ushort Read16(int offset) => (ushort)(Read8(offset) | (Read8(offset + 1) << 8));

    /// <summary>Four bytes.</summary>
    public uint Read32(int offset) => offset >= 0 && offset + 4 <= _bytes.Length
        ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..])
        : Read16(offset) | ((uint)Read16(offset + 2) << 16);

    /// <summary>The first capability, or 0.</summary>
    public int FirstCapability => (Read16(ConfigOffset.Status) & (ushort)PciStatus.CapabilityList) == 0
        ? 0
        : Sane(Read8(ConfigOffset.CapabilityPointer));

    /// <summary>The capability after the one at <paramref name="position"/>, or 0.</summary>
    public int NextCapability(int position) => Sane(Read8(position + 1));

    /// <summary>Where a capability is, or 0. A list that loops ends after 48 steps, as Linux has it (PCI_FIND_CAP_TTL).</summary>
    public int FindCapability(PciCapabilityId id)
    {
        int position = FirstCapability;
        for (int steps = 0; position != 0 && steps < 48; steps++)
        {
            byte found = Read8(position);
            if (found == 0xff) return 0;
            if (found == (byte)id) return position;
            position = NextCapability(position);
        }

        return 0;
    }

    /// <summary>Where an extended capability is, or 0.</summary>
    public int FindExtendedCapability(PciExtendedCapabilityId id)
    {
        int position = ConfigOffset.ConventionalSize;
        for (int steps = 0; steps < (ConfigOffset.ExtendedSize - ConfigOffset.ConventionalSize) / 8; steps++)
        {
            uint header = Read32(position);
            if (header is 0 or uint.MaxValue) return 0;
            if ((header & 0xffff) == (uint)id) return position;
            position = (int)(header >> 20) & 0xffc;
            if (position < ConfigOffset.ConventionalSize) return 0;
        }

        return 0;
    }

    // Pointers into the header end the list; the two low bits are reserved.
    private static int Sane(byte pointer) => pointer < ConfigOffset.HeaderSize ? 0 : pointer & 0xfc;
}
