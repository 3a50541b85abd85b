// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>
/// The machine's physical addresses, as far as TCEs need them: pinned memory gets a range of its own, so that an entry
/// of a table can name it as hardware does. A range begins at a multiple of 1 TiB, which keeps every page size aligned
/// and finding what an address means one look at an array. Thread-safe; finding takes no lock.
/// </summary>
internal sealed class HostPhysicalMemory
{
    private const int SlotShift = 40;

    // Addresses of 61 bits: an entry has room for them, and the bypass window (bit 59) is not reached.
    private const int MaxSlots = 1 << 18;

    // Guards changes of _slots and the counts. Innermost.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private readonly Stack<int> _free = new();
    private PinnedRange?[] _slots = new PinnedRange?[16];

    // Slot 0 stays empty: address 0 is nobody's.
    private int _used = 1;

    /// <summary>Ranges that are placed.</summary>
    public int Count { get; private set; }

    /// <summary>Gives pinned memory its addresses; null when none are left. The memory is the range's from now on.</summary>
    public PinnedRange? TryPlace(IPinnedMemory memory)
    {
        int slots = (int)Math.Min((memory.Length + (1UL << SlotShift) - 1) >> SlotShift, MaxSlots);
        using (_lock.EnterScope())
        {
            int first;
            if (slots == 1 && _free.TryPop(out int free)) first = free;
            else if (slots > MaxSlots - _used) return null;
            else
            {
                first = _used;
                _used += slots;
                if (_used > _slots.Length)
                {
                    var grown = new PinnedRange?[Math.Max(_used, _slots.Length * 2)];
                    _slots.CopyTo(grown, 0);
                    Volatile.Write(ref _slots, grown);
                }
            }

            var range = new PinnedRange(this, memory, (ulong)first << SlotShift);
            for (int i = 0; i < slots; i++) Volatile.Write(ref _slots[first + i], range);
            Count++;
            return range;
        }
    }

    /// <summary>The range at an address, or null.</summary>
    public PinnedRange? Find(ulong address)
    {
        PinnedRange?[] slots = Volatile.Read(ref _slots);
        ulong slot = address >> SlotShift;
        return slot < (ulong)slots.Length ? Volatile.Read(ref slots[slot]) : null;
    }

    /// <summary>Takes a range's addresses back. Its memory is for the caller to unpin, once no access can be under way.</summary>
    public void Remove(PinnedRange range)
    {
        int first = (int)(range.Start >> SlotShift);
        using (_lock.EnterScope())
        {
            int slots = 0;
            for (int i = first; i < _used && ReferenceEquals(_slots[i], range); i++, slots++) Volatile.Write(ref _slots[i], null);
            for (int i = 0; i < slots; i++) _free.Push(first + i);
            Count--;
        }
    }
}

/// <summary>Pinned memory with physical addresses.</summary>
/// <param name="place">Whose addresses it has.</param>
/// <param name="memory">The memory.</param>
/// <param name="start">Its first physical address.</param>
internal sealed class PinnedRange(HostPhysicalMemory place, IPinnedMemory memory, ulong start)
{
    private long _pages;

    /// <summary>The memory.</summary>
    public IPinnedMemory Memory { get; } = memory;

    /// <summary>First physical address.</summary>
    public ulong Start { get; } = start;

    /// <summary>References by table entries, where entries hold the pages themselves (version 1).</summary>
    public long Pages => Interlocked.Read(ref _pages);

    /// <summary>Gives addresses and memory back, once no access can be under way.</summary>
    public void Free()
    {
        place.Remove(this);
        Memory.Dispose();
    }

    /// <summary>An entry takes a page.</summary>
    public void Hold() => Interlocked.Increment(ref _pages);

    /// <summary>An entry lets a page go; true when it was the last.</summary>
    public bool Release() => Interlocked.Decrement(ref _pages) == 0;
}
