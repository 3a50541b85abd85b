// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci;

/// <summary>
/// The MSI capability as the guest sees it, in a device's configuration image (hw/pci/msi.c). Calls come one at a time.
/// </summary>
public sealed class MsiCapability
{
    private readonly ConfigImage _config;
    private readonly bool _isLong;
    private readonly bool _canMask;

    /// <summary>Writes the capability's registers; its header is the chain's.</summary>
    /// <param name="config">The device's configuration image.</param>
    /// <param name="position">Where the capability is.</param>
    /// <param name="vectors">How many vectors: 1, 2, 4, … 32.</param>
    /// <param name="is64Bit">Whether messages have 64 bits of address.</param>
    /// <param name="canMask">Whether vectors can be masked.</param>
    public MsiCapability(ConfigImage config, int position, int vectors, bool is64Bit = true, bool canMask = false)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _isLong = is64Bit;
        _canMask = canMask;
        Position = position;
        Vectors = vectors;
        int control = BitOperations.Log2((uint)vectors) << 1;
        if (is64Bit) control |= PciMsi.Flags64Bit;
        if (canMask) control |= PciMsi.FlagsMaskbit;
        Length = CapabilityLength.Msi((ushort)control);
        config.Bytes.Slice(position + PciMsi.Flags, Length - PciMsi.Flags).Clear();
        config.Set(position + PciMsi.Flags, 2, (uint)control, PciMsi.FlagsEnable | PciMsi.FlagsQsize);
        config.Set(position + PciMsi.AddressLo, 4, 0, ~3u);
        if (is64Bit) config.Set(position + PciMsi.AddressHi, 4, 0, uint.MaxValue);
        config.Set(DataPosition, 2, 0, ushort.MaxValue);
        if (canMask) config.Set(MaskPosition, 4, 0, uint.MaxValue >> (32 - vectors));
    }

    /// <summary>Where it is.</summary>
    public int Position { get; }

    /// <summary>Its bytes, the header among them.</summary>
    public int Length { get; }

    /// <summary>How many vectors the device has.</summary>
    public int Vectors { get; }

    /// <summary>Whether the guest enabled it.</summary>
    public bool IsEnabled => (Control & PciMsi.FlagsEnable) != 0;

    /// <summary>How many vectors the guest gave it; the guest may write more than it has.</summary>
    public int Allocated
    {
        get => Math.Min(1 << ((int)(Control & PciMsi.FlagsQsize) >> 4), Vectors);
        set => _config.Set(Position + PciMsi.Flags, 2, (Control & ~(uint)PciMsi.FlagsQsize) | ((uint)BitOperations.Log2((uint)Math.Max(value, 1)) << 4));
    }

    private uint Control => _config.Read(Position + PciMsi.Flags, 2);

    private int DataPosition => Position + (_isLong ? PciMsi.Data64 : PciMsi.Data32);

    private int MaskPosition => Position + (_isLong ? PciMsi.Mask64 : PciMsi.Mask32);

    private int PendingPosition => MaskPosition + 4;

    /// <summary>A vector's message: the low bits of the data are its number.</summary>
    public MsiMessage MessageOf(int vector)
    {
        ulong address = _config.Read(Position + PciMsi.AddressLo, 4);
        if (_isLong) address |= (ulong)_config.Read(Position + PciMsi.AddressHi, 4) << 32;
        uint data = _config.Read(DataPosition, 2);
        return new MsiMessage(address, (data & ~((uint)Allocated - 1)) | (uint)vector);
    }

    /// <summary>Whether the guest masked a vector.</summary>
    public bool IsMasked(int vector) => _canMask && (_config.Read(MaskPosition, 4) >> vector & 1) != 0;

    /// <summary>A masked vector fired: the guest sees that in the pending bits.</summary>
    public void SetPending(int vector) => _config.Set(PendingPosition, 4, _config.Read(PendingPosition, 4) | (1u << vector));

    /// <summary>Takes a vector that is pending and not masked any more; -1: there is none.</summary>
    public int TakePending()
    {
        if (!_canMask) return -1;
        uint pending = _config.Read(PendingPosition, 4);
        uint ready = pending & ~_config.Read(MaskPosition, 4);
        if (ready == 0) return -1;
        int vector = BitOperations.TrailingZeroCount(ready);
        _config.Set(PendingPosition, 4, pending & ~(1u << vector));
        return vector;
    }

    /// <summary>Sets the message of vector 0, as firmware does that sets it for the guest.</summary>
    public void SetMessage(MsiMessage message)
    {
        _config.Set(Position + PciMsi.AddressLo, 4, (uint)message.Address);
        if (_isLong) _config.Set(Position + PciMsi.AddressHi, 4, (uint)(message.Address >> 32));
        _config.Set(DataPosition, 2, message.Data & ushort.MaxValue);
    }

    /// <summary>Off, and nothing masked or pending.</summary>
    public void Reset()
    {
        _config.Set(Position + PciMsi.Flags, 2, Control & ~(uint)(PciMsi.FlagsEnable | PciMsi.FlagsQsize));
        SetMessage(default);
        if (!_canMask) return;
        _config.Set(MaskPosition, 4, 0);
        _config.Set(PendingPosition, 4, 0);
    }
}
