// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp;

/// <summary>
/// A device's configuration space as vfio-pci shows it to a user: some of it virtual, some of it read-only.
/// </summary>
/// <remarks>
/// Members may be called from any thread; a read-modify-write such as <see cref="Enable"/> is not one step for the
/// kernel. Usable until the device is disposed. Accesses allocate nothing. They throw as <see cref="VfioRegion"/>'s do.
/// </remarks>
public sealed class VfioConfigSpace
{
    internal VfioConfigSpace(VfioRegion region) => Region = region;

    /// <summary>Size in bytes: 256, or 4096 with extended configuration space.</summary>
    public int Size => (int)Region.Size;

    /// <summary>Who made the device.</summary>
    public ushort VendorId => Read16(ConfigOffset.VendorId);

    /// <summary>Which device of the vendor it is.</summary>
    public ushort DeviceId => Read16(ConfigOffset.DeviceId);

    /// <summary>Revision.</summary>
    public byte Revision => Read8(ConfigOffset.RevisionId);

    /// <summary>Class and subclass.</summary>
    public ushort ClassCode => Read16(ConfigOffset.ClassCode);

    /// <summary>The COMMAND register.</summary>
    public PciCommand Command
    {
        get => (PciCommand)Read16(ConfigOffset.Command);
        set => Write16(ConfigOffset.Command, (ushort)value);
    }

    /// <summary>The region behind it (<c>VfioPciRegionIndex.Config</c>).</summary>
    internal VfioRegion Region { get; }

    /// <summary>Sets bits of COMMAND: <c>Enable(PciCommand.Master)</c> before the first DMA.</summary>
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

    /// <summary>One pread of the space, as the kernel answers it: the value is the count of bytes.</summary>
    public KernelResult TryRead(int offset, Span<byte> destination) => Region.TryRead(Checked(offset), destination);

    /// <summary>One pwrite of the space, as the kernel answers it.</summary>
    public KernelResult TryWrite(int offset, ReadOnlySpan<byte> source) => Region.TryWrite(Checked(offset), source);

    /// <summary>Where the first capability of a kind is; 0 when there is none.</summary>
    public int FindCapability(PciCapabilityId id)
    {
        if (((PciStatus)Read16(ConfigOffset.Status) & PciStatus.CapabilityList) == 0) return 0;
        int offset = Read8(ConfigOffset.CapabilityPointer) & ~3;

        // A capability takes at least 4 bytes: more than this many steps is a loop.
        const int most = (ConfigOffset.ConventionalSize - ConfigOffset.HeaderSize) / 4;
        for (int steps = 0; offset >= ConfigOffset.HeaderSize && steps < most; steps++)
        {
            ushort header = Read16(offset);
            if ((byte)header == (byte)id) return offset;
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
