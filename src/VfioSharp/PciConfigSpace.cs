// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>
/// A device's configuration space as vfio-pci shows it to a user: some of it virtual, some of it read-only.
/// </summary>
/// <remarks>
/// Members may be called from any thread; a read-modify-write such as <see cref="Enable"/> is not one step for the
/// kernel. Usable until the device is disposed. Accesses allocate nothing. They throw as <see cref="VfioRegion"/>'s do.
/// </remarks>
public sealed class PciConfigSpace
{
    private const int VendorIdOffset = 0x00;
    private const int DeviceIdOffset = 0x02;
    private const int CommandOffset = 0x04;
    private const int StatusOffset = 0x06;
    private const int RevisionOffset = 0x08;
    private const int ClassOffset = 0x08;
    private const int CapabilityPointerOffset = 0x34;
    private const int HeaderSize = 0x40;
    private const ushort StatusHasCapabilities = 0x10;

    internal PciConfigSpace(VfioRegion region) => Region = region;

    /// <summary>Size in bytes: 256, or 4096 with extended configuration space.</summary>
    public int Size => (int)Region.Size;

    /// <summary>Who made the device.</summary>
    public ushort VendorId => Read16(VendorIdOffset);

    /// <summary>Which device of the vendor it is.</summary>
    public ushort DeviceId => Read16(DeviceIdOffset);

    /// <summary>Revision.</summary>
    public byte Revision => Read8(RevisionOffset);

    /// <summary>Class, subclass and programming interface, as 24 bits.</summary>
    public uint ClassCode => Read32(ClassOffset) >> 8;

    /// <summary>The COMMAND register.</summary>
    public PciCommand Command
    {
        get => (PciCommand)Read16(CommandOffset);
        set => Write16(CommandOffset, (ushort)value);
    }

    /// <summary>The region behind it (<c>VfioPciRegionIndex.Config</c>).</summary>
    internal VfioRegion Region { get; }

    /// <summary>Sets bits of COMMAND: <c>Enable(PciCommand.BusMaster)</c> before the first DMA.</summary>
    public void Enable(PciCommand bits) => Command |= bits;

    /// <summary>Clears bits of COMMAND.</summary>
    public void Disable(PciCommand bits) => Command &= ~bits;

    /// <summary>Reads a byte.</summary>
    public byte Read8(int offset) => Region.Read8(Checked(offset));

    /// <summary>Reads 16 bits.</summary>
    public ushort Read16(int offset) => Region.Read16(Checked(offset));

    /// <summary>Reads 32 bits.</summary>
    public uint Read32(int offset) => Region.Read32(Checked(offset));

    /// <summary>Writes a byte.</summary>
    public void Write8(int offset, byte value) => Region.Write8(Checked(offset), value);

    /// <summary>Writes 16 bits.</summary>
    public void Write16(int offset, ushort value) => Region.Write16(Checked(offset), value);

    /// <summary>Writes 32 bits.</summary>
    public void Write32(int offset, uint value) => Region.Write32(Checked(offset), value);

    /// <summary>Where the first capability with an id is (MSI 0x05, PCI Express 0x10, MSI-X 0x11, …); 0 when there is none.</summary>
    public int FindCapability(byte id)
    {
        if ((Read16(StatusOffset) & StatusHasCapabilities) == 0) return 0;
        int offset = Read8(CapabilityPointerOffset) & ~3;

        // A capability takes at least 4 bytes: more than this many steps is a loop.
        for (int steps = (256 - HeaderSize) / 4; steps > 0 && offset >= HeaderSize; steps--)
        {
            ushort header = Read16(offset);
            if ((byte)header == id) return offset;
            offset = (header >> 8) & ~3;
        }

        return 0;
    }

    private static ulong Checked(int offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return (ulong)offset;
    }
}
