// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Devices.Snapshots;

/// <summary>
/// The shape of any card: its configuration space and BARs, without its behaviour. BARs read 0 where the machine
/// file gives no data; those it calls memory keep what is written, so do registers it calls writable, up to a reset where
/// the machine file does not ask for QEMU's emulation (which keeps them over it, as recorded).
/// </summary>
public sealed class SnapshotDevice : ModelledFunction
{
    // BARs 0–5, the ROM, and the VGA ranges at 8.
    private const int Vga = 8;

    private readonly Content[] _contents = new Content[Vga + 1];
    private readonly bool _resetsRegisters;

    /// <summary>Makes a snapshot of what the description holds.</summary>
    public SnapshotDevice(DeviceDescription description)
        : base(description)
    {
        ArgumentNullException.ThrowIfNull(description);
        _resetsRegisters = description.Emulation == ConfigEmulation.Hardware;
        var view = new ConfigView(description.Config.Span);
        var areas = new List<BarMemoryArea>();
        for (int i = 0; i < _contents.Length; i++)
        {
            var ranges = new List<Range>();
            foreach (RegisterDescription register in description.Registers)
            {
                if (register.Bar == i) ranges.Add(new Range(register.Offset, register.Data.ToArray(), register.Writable, register.Data.ToArray()));
            }

            AddMsixTable(view, i, ranges);
            bool memory = description.MemoryBars.Contains(i);
            if (memory && ranges.Count == 0 && i < PciConfigSpace.BarCount) areas.Add(new BarMemoryArea(i, 0, Bars[i].Size));
            else if (memory) ranges.Add(new Range(0, new byte[checked((int)Bars[i].Size)], Writable: true, AtReset: null));
            _contents[i] = new Content([.. ranges]);
        }

        if (areas.Count != 0) Memory = new BarMemory(areas);
    }

    /// <inheritdoc/>
    public override BarMemory? Memory { get; }

    /// <inheritdoc/>
    public override ulong ReadVga(ulong address, int width) => ReadBar(Vga, address, width);

    /// <inheritdoc/>
    public override void WriteVga(ulong address, int width, ulong value) => WriteBar(Vga, address, width, value);

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

    /// <inheritdoc/>
    protected override void OnReset(PciResetMethod method)
    {
        if (!_resetsRegisters) return;
        foreach (Content content in _contents) content.Reset();
    }

    // The MSI-X table keeps what is written; its vectors begin masked.
    private static void AddMsixTable(ConfigView view, int bar, List<Range> ranges)
    {
        int capability = view.FindCapability(PciCapabilityId.MsiX);
        uint table = view.Read32(capability + PciMsix.Table);
        if (capability == 0 || (int)(table & PciMsix.TableBir) != bar) return;
        int entries = (view.Read16(capability + PciMsix.Flags) & PciMsix.FlagsQsize) + 1;
        var bytes = new byte[entries * PciMsix.EntrySize];
        for (int i = 0; i < entries; i++) bytes[(i * PciMsix.EntrySize) + PciMsix.EntryVectorControl] = PciMsix.EntryMaskBit;
        ranges.Add(new Range(table & PciMsix.TableOffset, bytes, Writable: true, [.. bytes]));
    }

    private sealed record Range(ulong Offset, byte[] Data, bool Writable, byte[]? AtReset);

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

        public void Reset()
        {
            foreach (Range range in ranges)
            {
                for (int i = 0; i < range.AtReset?.Length; i++) Volatile.Write(ref range.Data[i], range.AtReset[i]);
            }
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
