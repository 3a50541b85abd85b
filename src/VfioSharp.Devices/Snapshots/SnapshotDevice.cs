// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Devices.Snapshots;

/// <summary>
/// The shape of any card: its configuration space and BARs, without its behaviour. BARs read 0 where the machine
/// file gives no data; those it calls memory keep what is written, so do registers it calls writable.
/// </summary>
public sealed class SnapshotDevice : ModelledFunction
{
    private readonly Content[] _contents = new Content[7];

    /// <summary>Makes a snapshot of what the description holds.</summary>
    public SnapshotDevice(DeviceDescription description)
        : base(description)
    {
        ArgumentNullException.ThrowIfNull(description);
        for (int i = 0; i < _contents.Length; i++)
        {
            var ranges = new List<Range>();
            foreach (RegisterDescription register in description.Registers)
            {
                if (register.Bar == i) ranges.Add(new Range(register.Offset, register.Data.ToArray(), register.Writable));
            }

            bool memory = description.MemoryBars.Contains(i);
            if (memory) ranges.Add(new Range(0, new byte[checked((int)Bars[i].Size)], Writable: true));
            _contents[i] = new Content([.. ranges]);
        }
    }

    /// <inheritdoc/>
    public override ulong ReadBar(int bar, ulong offset, int width)
    {
        ulong value = 0;
        for (int i = 0; i < width; i++) value |= (ulong)_contents[bar].Read(offset + (uint)i) << (8 * i);
        return value;
    }

    /// <inheritdoc/>
    public override void WriteBar(int bar, ulong offset, int width, ulong value)
    {
        for (int i = 0; i < width; i++) _contents[bar].Write(offset + (uint)i, (byte)(value >> (8 * i)));
    }

    private sealed record Range(ulong Offset, byte[] Data, bool Writable);

    // Bytes are single stores: accesses of several threads mix by the byte, as on a bus that splits them.
    private readonly struct Content(Range[] ranges)
    {
        public byte Read(ulong offset)
        {
            foreach (Range range in ranges)
            {
                if (offset - range.Offset < (ulong)range.Data.Length) return Volatile.Read(ref range.Data[offset - range.Offset]);
            }

            return 0;
        }

        public void Write(ulong offset, byte value)
        {
            foreach (Range range in ranges)
            {
                if (offset - range.Offset >= (ulong)range.Data.Length) continue;
                if (range.Writable) Volatile.Write(ref range.Data[offset - range.Offset], value);
                return;
            }
        }
    }
}
