// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>Hears each change of a guest's window.</summary>
/// <param name="ioba">The page's address on the bus.</param>
/// <param name="translation">What it leads to now.</param>
public delegate void TceChanged(Iova ioba, TceTranslation translation);

/// <summary>
/// A DMA window of the guest: a table that hypercalls write, named by its liobn (hw/ppc/spapr_iommu.c). It exists for
/// the machine's life, and has entries while the window is enabled.
/// </summary>
/// <remarks>
/// Not thread-safe but for <see cref="Translate"/>, which any thread may call: hypercalls come one at a time, as a
/// virtual machine monitor's do.
/// </remarks>
public sealed class GuestTceTable
{
    private const int ChunkShift = 12;
    private const int ChunkEntries = 1 << ChunkShift;
    private const ulong Permissions = 3;

    // By parts that are made when an entry of theirs is first set: windows may be far larger than what is mapped.
    private ulong[]?[] _chunks = [];

    internal GuestTceTable(uint liobn) => Liobn = liobn;

    /// <summary>Logical I/O bus number: its name in hypercalls.</summary>
    public uint Liobn { get; }

    /// <summary>Number of pages; 0 while the window is disabled.</summary>
    public ulong PageCount { get; private set; }

    /// <summary>Size of a page as a power of two.</summary>
    public int PageShift { get; private set; }

    /// <summary>Where the window begins on the bus.</summary>
    public Iova Start { get; private set; }

    /// <summary>Whether this is the window that is there without the guest's asking.</summary>
    public bool IsDefault { get; private set; }

    /// <summary>Raised for each entry that a hypercall writes, also when it is what it was.</summary>
    public event TceChanged? Changed;

    /// <summary>Raised when the window is enabled, and when it is about to be disabled (false).</summary>
    public event Action<GuestTceTable, bool>? EnabledChanged;

    /// <summary>An entry, by a DMA address counted from the window's start.</summary>
    public TceTranslation Translate(ulong offset)
    {
        ulong index = offset >> PageShift;
        if (index >= PageCount) return new TceTranslation(default, TcePermission.None, ulong.MaxValue);
        return Decode(Read(index));
    }

    /// <summary>The entries that map something, in order: what a container that joins has to be told.</summary>
    public IEnumerable<(Iova Ioba, TceTranslation Translation)> Mapped()
    {
        for (int chunk = 0; chunk < _chunks.Length; chunk++)
        {
            if (_chunks[chunk] is not { } entries) continue;
            for (int i = 0; i < entries.Length; i++)
            {
                if ((entries[i] & Permissions) == 0) continue;
                ulong index = ((ulong)chunk << ChunkShift) + (ulong)i;
                yield return (new Iova(Start.Value + (index << PageShift)), Decode(entries[i]));
            }
        }
    }

    /// <summary>Sets an entry: the low two bits are permissions.</summary>
    internal HypercallStatus Put(ulong ioba, ulong tce)
    {
        if (!TryIndex(ioba, out ulong index)) return HypercallStatus.Parameter;
        int chunk = (int)(index >> ChunkShift);
        if (tce != 0) _chunks[chunk] ??= new ulong[ChunkEntries];
        if (_chunks[chunk] is { } entries) Volatile.Write(ref entries[index & (ChunkEntries - 1)], tce);
        Changed?.Invoke(new Iova(Start.Value + (index << PageShift)), Decode(tce));
        return HypercallStatus.Success;
    }

    /// <summary>Reads an entry.</summary>
    internal HypercallStatus Get(ulong ioba, out ulong tce)
    {
        bool found = TryIndex(ioba, out ulong index);
        tce = found ? Read(index) : 0;
        return found ? HypercallStatus.Success : HypercallStatus.Parameter;
    }

    /// <summary>The window appears, empty.</summary>
    internal void Enable(int pageShift, Iova start, ulong pageCount, bool isDefault)
    {
        ulong chunks = (pageCount + ChunkEntries - 1) >> ChunkShift;
        _chunks = new ulong[chunks][];
        (PageShift, Start, PageCount, IsDefault) = (pageShift, start, pageCount, isDefault);
        EnabledChanged?.Invoke(this, true);
    }

    /// <summary>The window goes, with what is mapped in it.</summary>
    internal void Disable()
    {
        if (PageCount == 0) return;
        EnabledChanged?.Invoke(this, false);
        PageCount = 0;
        _chunks = [];
    }

    /// <summary>For messages.</summary>
    public override string ToString() => PageCount == 0
        ? string.Create(CultureInfo.InvariantCulture, $"window 0x{Liobn:x} (not enabled)")
        : string.Create(CultureInfo.InvariantCulture, $"window 0x{Liobn:x} at 0x{Start.Value:x}, {PageCount} pages of 0x{1UL << PageShift:x} bytes");

    // An address below the start is as far outside as one above the end.
    private bool TryIndex(ulong ioba, out ulong index)
    {
        index = unchecked(ioba - Start.Value) >> PageShift;
        return index < PageCount;
    }

    private ulong Read(ulong index)
    {
        ulong[]?[] chunks = _chunks;
        ulong chunk = index >> ChunkShift;
        return chunk < (ulong)chunks.Length && chunks[chunk] is { } entries ? Volatile.Read(ref entries[index & (ChunkEntries - 1)]) : 0;
    }

    private TceTranslation Decode(ulong tce)
    {
        ulong offsetMask = (1UL << PageShift) - 1;
        return new TceTranslation(new GuestPhysicalAddress(tce & ~offsetMask), (TcePermission)(tce & Permissions), offsetMask);
    }
}
