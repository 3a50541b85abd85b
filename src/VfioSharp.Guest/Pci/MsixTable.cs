// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Pci;

/// <summary>Hears which vectors of an <see cref="MsixTable"/> the guest uses.</summary>
public interface IMsixVectors
{
    /// <summary>A vector is not masked any more: it may fire, with this message.</summary>
    void Use(int vector, MsiMessage message);

    /// <summary>A vector is masked: it may not fire.</summary>
    void Release(int vector);
}

/// <summary>
/// The MSI-X capability as the guest sees it, its table and its pending bits (hw/pci/msix.c). A vector is in use while
/// the function is enabled and neither it nor the vector is masked.
/// </summary>
/// <remarks>Called with the machine's lock held; accesses of the guest to the two regions take it themselves.</remarks>
public sealed class MsixTable
{
    private readonly ConfigImage _config;
    private readonly Lock _gate;
    private readonly int _position;
    private readonly byte[] _table;
    private readonly byte[] _pending;
    private readonly Action<MsiMessage> _send;
    private bool _functionMasked = true;

    /// <summary>Writes the capability's control; the rest of it is the device's, its header the chain's.</summary>
    /// <param name="config">The device's configuration image.</param>
    /// <param name="position">Where the capability is.</param>
    /// <param name="vectors">How many vectors.</param>
    /// <param name="topology">The machine's regions.</param>
    /// <param name="name">The device's name.</param>
    /// <param name="gate">The machine's lock.</param>
    /// <param name="send">Sends a message that was pending.</param>
    public MsixTable(ConfigImage config, int position, int vectors, MemoryTopology topology, string name, Lock gate, Action<MsiMessage> send)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _position = position;
        _gate = gate;
        _send = send;
        Vectors = vectors;
        _table = new byte[vectors * PciMsix.EntrySize];
        _pending = new byte[(vectors + 63) / 64 * 8];
        for (int vector = 0; vector < vectors; vector++) _table[ControlOf(vector)] = PciMsix.EntryMaskBit;
        config.Set(position + PciMsix.Flags, 2, (uint)(vectors - 1), PciMsix.FlagsEnable | PciMsix.FlagsMaskall);
        Table = new MmioRegion(topology, $"{name} MSI-X table", (ulong)_table.Length, new TableHandler(this));
        PendingBits = new MmioRegion(topology, $"{name} MSI-X pending bits", (ulong)_pending.Length, new PendingHandler(this));
    }

    /// <summary>The table, to be laid over the BAR that has it.</summary>
    public MmioRegion Table { get; }

    /// <summary>The pending bits, to be laid over the BAR that has them.</summary>
    public MmioRegion PendingBits { get; }

    /// <summary>How many vectors there are.</summary>
    public int Vectors { get; }

    /// <summary>Whether the guest enabled it.</summary>
    public bool IsEnabled => (_config.Read(_position + PciMsix.Flags, 2) & PciMsix.FlagsEnable) != 0;

    /// <summary>Who hears of vectors; null: nobody.</summary>
    public IMsixVectors? Listener { get; private set; }

    /// <summary>A vector's message.</summary>
    public MsiMessage MessageOf(int vector) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(_table.AsSpan(vector * PciMsix.EntrySize)),
        BinaryPrimitives.ReadUInt32LittleEndian(_table.AsSpan((vector * PciMsix.EntrySize) + PciMsix.EntryData)));

    /// <summary>Whether a vector may not fire.</summary>
    public bool IsMasked(int vector) => IsMasked(vector, _functionMasked);

    /// <summary>Sets who hears of vectors, and tells it those in use; null ends that, and tells those no longer.</summary>
    public void SetListener(IMsixVectors? listener)
    {
        IMsixVectors? old = Listener;
        Listener = null;
        for (int vector = 0; old is not null && vector < Vectors; vector++)
            if (!IsMasked(vector)) old.Release(vector);
        Listener = listener;
        for (int vector = 0; listener is not null && vector < Vectors; vector++)
            if (!IsMasked(vector)) listener.Use(vector, MessageOf(vector));
    }

    /// <summary>The capability's control was written: vectors of the whole function may have been masked or unmasked.</summary>
    public void ControlWritten()
    {
        bool before = _functionMasked;
        uint control = _config.Read(_position + PciMsix.Flags, 2);
        _functionMasked = (control & PciMsix.FlagsEnable) == 0 || (control & PciMsix.FlagsMaskall) != 0;
        if (before == _functionMasked) return;
        for (int vector = 0; vector < Vectors; vector++) MaskChanged(vector, IsMasked(vector, before));
    }

    /// <summary>Sets a vector's message and unmasks it, as firmware does that sets it for the guest.</summary>
    public void SetMessage(int vector, MsiMessage message)
    {
        bool masked = IsMasked(vector);
        BinaryPrimitives.WriteUInt64LittleEndian(_table.AsSpan(vector * PciMsix.EntrySize), message.Address);
        BinaryPrimitives.WriteUInt32LittleEndian(_table.AsSpan((vector * PciMsix.EntrySize) + PciMsix.EntryData), message.Data);
        _table[ControlOf(vector)] &= unchecked((byte)~PciMsix.EntryMaskBit);
        MaskChanged(vector, masked);
    }

    /// <summary>A masked vector fired: the guest sees that in the pending bits.</summary>
    public void SetPending(int vector) => _pending[vector / 8] |= (byte)(1 << (vector % 8));

    /// <summary>Off, all vectors masked, none pending, all messages gone.</summary>
    public void Reset()
    {
        _config.Set(_position + PciMsix.Flags, 2, (uint)(Vectors - 1));
        ControlWritten();
        _table.AsSpan().Clear();
        for (int vector = 0; vector < Vectors; vector++) _table[ControlOf(vector)] = PciMsix.EntryMaskBit;
        _pending.AsSpan().Clear();
    }

    private static int ControlOf(int vector) => (vector * PciMsix.EntrySize) + PciMsix.EntryVectorControl;

    private bool IsMasked(int vector, bool functionMasked) => functionMasked || (_table[ControlOf(vector)] & PciMsix.EntryMaskBit) != 0;

    private void MaskChanged(int vector, bool wasMasked)
    {
        bool masked = IsMasked(vector);
        if (masked == wasMasked) return;
        if (masked)
        {
            Listener?.Release(vector);
            return;
        }

        Listener?.Use(vector, MessageOf(vector));
        byte bit = (byte)(1 << (vector % 8));
        if ((_pending[vector / 8] & bit) == 0) return;
        _pending[vector / 8] &= (byte)~bit;
        _send(MessageOf(vector));
    }

    private static ulong Load(byte[] bytes, ulong offset, int width)
    {
        ulong value = 0;
        for (int i = 0; i < width; i++) value |= (ulong)bytes[(int)offset + i] << (8 * i);
        return value;
    }

    private sealed class TableHandler(MsixTable table) : IMmioHandler
    {
        public ulong Read(ulong offset, int width)
        {
            lock (table._gate) return Load(table._table, offset, width);
        }

        public void Write(ulong offset, int width, ulong value)
        {
            lock (table._gate)
            {
                // Accesses have 4 or 8 bytes and are aligned (PCI 3.0, 6.8.2); 8 bytes lie in one entry.
                int vector = (int)offset / PciMsix.EntrySize;
                bool masked = table.IsMasked(vector);
                for (int i = 0; i < width; i++) table._table[(int)offset + i] = (byte)(value >> (8 * i));
                table.MaskChanged(vector, masked);
            }
        }
    }

    private sealed class PendingHandler(MsixTable table) : IMmioHandler
    {
        public ulong Read(ulong offset, int width)
        {
            lock (table._gate) return Load(table._pending, offset, width);
        }

        public void Write(ulong offset, int width, ulong value)
        {
            // Read-only.
        }
    }
}
