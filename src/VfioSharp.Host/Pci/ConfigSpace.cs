// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;
using VfioSharp.Pci;

namespace VfioSharp.Host.Pci;

/// <summary>How a function treats configuration bytes from 0x40 on that belong to no capability.</summary>
public enum ConfigEmulation
{
    /// <summary>They are read-only, as on most cards.</summary>
    Hardware,

    /// <summary>They keep what is written, as QEMU's devices do.</summary>
    Qemu,
}

/// <summary>
/// Configuration bytes with the rules of hardware: what is writable, what is cleared by writing ones, what a
/// reset puts back. Thread-safe; reads allocate nothing.
/// </summary>
public sealed class ConfigSpace
{
    // Guards the bytes. Innermost: nothing else is taken under it.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private readonly byte[] _bytes;
    private readonly byte[] _initial;
    private readonly byte[] _writable;
    private readonly byte[] _clearedByOnes;

    /// <summary>Makes a configuration space.</summary>
    /// <param name="initial">Its bytes after reset, possibly without the zeros at the end.</param>
    /// <param name="size">256 or 4096.</param>
    /// <param name="bars">BARs 0–6: their sizes decide which address bits stick.</param>
    /// <param name="emulation">How bytes outside the capabilities behave.</param>
    /// <param name="isVirtual">A virtual function's: its BARs are in the physical function's SR-IOV capability.</param>
    public ConfigSpace(ReadOnlySpan<byte> initial, int size, IReadOnlyList<PciBar> bars, ConfigEmulation emulation, bool isVirtual = false)
    {
        _bytes = new byte[size];
        initial[..Math.Min(initial.Length, size)].CopyTo(_bytes);
        _initial = [.. _bytes];
        _writable = new byte[size];
        _clearedByOnes = new byte[size];
        ConfigRules.Fill(new ConfigView(_bytes), isVirtual ? [] : bars, emulation, isVirtual, _writable, _clearedByOnes);
    }

    /// <summary>Size in bytes.</summary>
    public int Size => _bytes.Length;

    /// <summary>The command register.</summary>
    public PciCommand Command => (PciCommand)Read(ConfigOffset.Command, 2);

    /// <summary>A load of 1, 2 or 4 bytes.</summary>
    public uint Read(int offset, int width)
    {
        using (_lock.EnterScope())
        {
            uint value = 0;
            for (int i = 0; i < width; i++) value |= (uint)_bytes[offset + i] << (8 * i);
            return value;
        }
    }

    /// <summary>A store of 1, 2 or 4 bytes.</summary>
    public void Write(int offset, int width, uint value)
    {
        using (_lock.EnterScope())
        {
            for (int i = 0; i < width; i++)
            {
                int at = offset + i;
                byte data = (byte)(value >> (8 * i));
                byte kept = (byte)((_bytes[at] & ~_writable[at]) | (data & _writable[at]));
                _bytes[at] = (byte)(kept & ~(data & _clearedByOnes[at]));
            }
        }
    }

    /// <summary>Sets bits whatever the rules say: for what the function itself changes.</summary>
    public void SetBits(int offset, ushort bits, bool value)
    {
        using (_lock.EnterScope())
        {
            for (int i = 0; i < 2; i++)
            {
                byte mask = (byte)(bits >> (8 * i));
                _bytes[offset + i] = (byte)(value ? _bytes[offset + i] | mask : _bytes[offset + i] & ~mask);
            }
        }
    }

    /// <summary>
    /// A reset: writable bits of the header fall to 0, capabilities return to their first values; bytes that
    /// belong to no capability stay (QEMU's pci_do_device_reset leaves them).
    /// </summary>
    public void Reset()
    {
        using (_lock.EnterScope())
        {
            for (int i = 0; i < ConfigOffset.HeaderSize; i++) _bytes[i] &= (byte)~(_writable[i] | _clearedByOnes[i]);
            var view = new ConfigView(_initial);
            int position = view.FirstCapability;
            for (int steps = 0; position != 0 && steps < 48; steps++)
            {
                int length = CapabilityLength.Of(view, position);
                for (int i = position; i < Math.Min(position + length, 256); i++) _bytes[i] = _initial[i];
                position = view.NextCapability(position);
            }
        }
    }
}
