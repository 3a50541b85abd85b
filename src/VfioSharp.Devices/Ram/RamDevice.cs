// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Devices.Ram;

/// <summary>
/// A device with memory of its own, as graphics cards and accelerators have: BARs that the machine file calls memory are
/// that throughout, all others have registers in front, and memory behind them when they are larger than that.
/// </summary>
public sealed class RamDevice : ModelledFunction
{
    private const int Chunk = 4096;

    // Guards the registers and what they do to memory, whose own lock is taken below it.
    private readonly RankedLock _lock = new(LockRank.DeviceModel);
    private readonly BarMemory _memory;
    private uint _scratch;
    private uint _selected;

    /// <summary>Makes the device that the description sizes.</summary>
    public RamDevice(DeviceDescription description)
        : base(description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var areas = new List<BarMemoryArea>();
        foreach (PciBar bar in Bars)
        {
            if (bar.Index >= 6 || !bar.IsMemory) continue;
            ulong start = description.MemoryBars.Contains(bar.Index) ? 0 : RamRegister.Bytes;
            if (bar.Size > start) areas.Add(new BarMemoryArea(bar.Index, start, bar.Size - start));
        }

        _memory = new BarMemory(areas);
    }

    /// <inheritdoc/>
    public override BarMemory Memory => _memory;

    /// <inheritdoc/>
    public override ulong ReadBar(int bar, ulong offset, int width)
    {
        if (width != 4 || offset % 4 != 0) return ulong.MaxValue;
        using (_lock.EnterScope())
        {
            return offset switch
            {
                RamRegister.Identification => RamRegister.IdentificationValue,
                RamRegister.Scratch => _scratch,
                RamRegister.Select => _selected,
                RamRegister.Size => (uint)Selected.Length,
                RamRegister.Sum => Sum(),
                _ => ulong.MaxValue,
            };
        }
    }

    /// <inheritdoc/>
    public override void WriteBar(int bar, ulong offset, int width, ulong value)
    {
        if (width != 4 || offset % 4 != 0) return;
        using (_lock.EnterScope())
        {
            switch (offset)
            {
                case RamRegister.Scratch:
                    _scratch = (uint)value;
                    break;
                case RamRegister.Select:
                    _selected = (uint)value;
                    break;
                case RamRegister.Fill:
                    Fill((byte)value);
                    break;
                default:
                    break;
            }
        }
    }

    private BarMemoryArea Selected
    {
        get
        {
            foreach (BarMemoryArea area in _memory.Areas)
            {
                if ((uint)area.Bar == _selected) return area;
            }

            return default;
        }
    }

    private void Fill(byte value)
    {
        Span<byte> bytes = stackalloc byte[Chunk];
        bytes.Fill(value);
        BarMemoryArea area = Selected;
        for (ulong at = 0; at < area.Length; at += Chunk) _memory.Write(area.Bar, area.Offset + at, bytes[..(int)Math.Min(Chunk, area.Length - at)]);
    }

    private uint Sum()
    {
        Span<byte> bytes = stackalloc byte[Chunk];
        uint sum = 0;
        BarMemoryArea area = Selected;
        for (ulong at = 0; at < area.Length; at += Chunk)
        {
            Span<byte> part = bytes[..(int)Math.Min(Chunk, area.Length - at)];
            _memory.Read(area.Bar, area.Offset + at, part);
            foreach (byte value in part) sum += value;
        }

        return sum;
    }
}
