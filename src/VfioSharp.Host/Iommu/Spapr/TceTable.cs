// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>Permission bits of a translation control entry, its two lowest (asm/tce.h).</summary>
[Flags]
internal enum TcePermission : ulong
{
    /// <summary>The entry translates nothing.</summary>
    None = 0,

    /// <summary>The device may read (TCE_PCI_READ).</summary>
    Read = 1,

    /// <summary>The device may write (TCE_PCI_WRITE).</summary>
    Write = 2,

    /// <summary>Both.</summary>
    ReadWrite = Read | Write,
}

/// <summary>
/// A table of translation control entries as the hardware reads it: 64-bit entries, big-endian, one to five levels
/// (powernv/pci-ioda-tce.c: pnv_tce). The first level is there from the start, lower ones are made when an entry below
/// them is first written, and stay until the table is freed. Reads and writes of entries are atomic and need no lock;
/// nobody may use the table once it is freed.
/// </summary>
internal sealed unsafe class TceTable : IDisposable
{
    /// <summary>The most levels that hardware walks (POWERNV_IOMMU_MAX_LEVELS).</summary>
    public const int MaxLevels = 5;

    private const ulong LinkFlags = (ulong)TcePermission.ReadWrite;
    private static long s_liveBytes;

    private readonly int _levelBits;
    private readonly ulong _levelMask;
    private ulong* _root;
    private long _allocatedBytes;

    private TceTable(ulong* root, int levels, int levelBits)
    {
        _root = root;
        Levels = levels;
        _levelBits = levelBits;
        _levelMask = (1UL << levelBits) - 1;
        Count(1L << (levelBits + 3));
    }

    /// <summary>Bytes of all tables not yet freed, for leak checks.</summary>
    public static long LiveBytes => Interlocked.Read(ref s_liveBytes);

    /// <summary>Levels, 1 to 5.</summary>
    public int Levels { get; }

    /// <summary>Entries of a level: what an absent lower level skips.</summary>
    public ulong LevelSize => _levelMask + 1;

    /// <summary>How many entries the table can hold.</summary>
    public ulong Capacity => 1UL << (_levelBits * Levels);

    /// <summary>Bytes of the levels that are there.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Makes a table of <paramref name="levels"/> levels of 2^<paramref name="levelBits"/> entries each; null when there is no memory for the first.</summary>
    public static TceTable? TryCreate(int levels, int levelBits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, MaxLevels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levelBits * levels, 61);
        return TryAllocate(levelBits) is var root && root is null ? null : new TceTable(root, levels, levelBits);
    }

    /// <summary>The entry at an index; 0 where the level it would be in is absent.</summary>
    public ulong Read(ulong index)
    {
        ulong* entry = Find(index, allocate: false);

        // SAFETY: Find gives a place inside a level that lives as long as the table.
        return entry is null ? 0 : FromHardware(Volatile.Read(ref *entry));
    }

    /// <summary>Exchanges an entry; false when a level had to be made and there was no memory. Clearing makes no level.</summary>
    public bool TryExchange(ulong index, ulong tce, out ulong old)
    {
        old = 0;
        ulong* entry = Find(index, allocate: tce != 0);
        if (entry is null) return tce == 0;

        // SAFETY: Find gives a place inside a level that lives as long as the table.
        old = FromHardware(Interlocked.Exchange(ref *entry, FromHardware(tce)));
        return true;
    }

    /// <summary>Puts an entry; false when there was no memory for its level.</summary>
    public bool TryPut(ulong index, ulong tce)
    {
        ulong* entry = Find(index, allocate: tce != 0);
        if (entry is null) return tce == 0;

        // SAFETY: Find gives a place inside a level that lives as long as the table.
        Volatile.Write(ref *entry, FromHardware(tce));
        return true;
    }

    /// <summary>Puts entries one after the other; false when there was no memory, then those before are put.</summary>
    public bool TryPutIndirect(ulong index, ReadOnlySpan<ulong> tces)
    {
        foreach (ulong tce in tces)
        {
            if (!TryPut(index++, tce)) return false;
        }

        return true;
    }

    /// <summary>Puts the same entry <paramref name="count"/> times; false when there was no memory.</summary>
    public bool TryStuff(ulong index, ulong tce, ulong count)
    {
        if (tce == 0)
        {
            Clear(index, count);
            return true;
        }

        for (ulong i = 0; i < count; i++)
        {
            if (!TryPut(index + i, tce)) return false;
        }

        return true;
    }

    /// <summary>Clears entries, passing over absent levels.</summary>
    public void Clear(ulong index, ulong count)
    {
        ulong end = index + count;
        while (TryNext(ref index, end))
        {
            _ = TryPut(index, 0);
            index++;
        }
    }

    /// <summary>Moves <paramref name="index"/> to the next entry below <paramref name="end"/> that is not 0; false when there is none.</summary>
    public bool TryNext(ref ulong index, ulong end)
    {
        while (index < end)
        {
            ulong* entry = Find(index, allocate: false, out int missing);

            // An absent level takes all that would be below it along.
            ulong last = Math.Min(end, (index | ((1UL << (missing + _levelBits)) - 1)) + 1);
            if (entry is not null)
            {
                // SAFETY: Find gives a place inside a level, and last does not pass that level's end.
                for (ulong* stop = entry + (last - index); entry < stop; entry++, index++)
                {
                    if (*entry != 0) return true;
                }
            }

            index = last;
        }

        return false;
    }

    /// <summary>How many entries are not 0. Walks the table.</summary>
    public ulong CountEntries(ulong end)
    {
        ulong count = 0;
        for (ulong index = 0; TryNext(ref index, end); index++) count++;
        return count;
    }

    /// <summary>Frees all levels. Nobody may be using the table.</summary>
    public void Dispose()
    {
        if (_root is null) return;
        Free(_root, Levels);
        _root = null;
        Interlocked.Add(ref s_liveBytes, -AllocatedBytes);
    }

    private static ulong FromHardware(ulong value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    private ulong* Find(ulong index, bool allocate) => Find(index, allocate, out _);

    // The place of an entry; null when a level above it is absent and is not to be made, or cannot be: then the bits of
    // an index that the absent level and those below it take, less one level's.
    private ulong* Find(ulong index, bool allocate, out int missing)
    {
        missing = 0;
        System.Diagnostics.Debug.Assert(index < Capacity && _root is not null, "an index inside a living table");
        ulong* level = _root;
        for (int shift = (Levels - 1) * _levelBits; shift != 0; shift -= _levelBits)
        {
            ulong* link = level + ((index >> shift) & _levelMask);

            // SAFETY: the index was masked to the level's size, and a level lives as long as the table.
            ulong value = Volatile.Read(ref *link);
            if (value == 0)
            {
                if (!allocate || (value = TryLink(link)) == 0)
                {
                    missing = shift - _levelBits;
                    return null;
                }
            }

            level = (ulong*)(FromHardware(value) & ~LinkFlags);
        }

        return level + (index & _levelMask);
    }

    // pnv_tce: who comes first puts the level in, the other frees its own.
    private ulong TryLink(ulong* link)
    {
        ulong* made = TryAllocate(_levelBits);
        if (made is null) return 0;
        ulong value = FromHardware((ulong)made | LinkFlags);

        // SAFETY: link is inside a level of this table.
        ulong there = Interlocked.CompareExchange(ref *link, value, 0);
        if (there != 0)
        {
            NativeMemory.Free(made);
            return there;
        }

        Count(1L << (_levelBits + 3));
        return value;
    }

    private void Count(long bytes)
    {
        Interlocked.Add(ref _allocatedBytes, bytes);
        Interlocked.Add(ref s_liveBytes, bytes);
    }

    private static ulong* TryAllocate(int levelBits)
    {
        try
        {
            // SAFETY: freed by Free or TryLink only. Aligned to 16 bytes, so that the flags of a link have room.
            return (ulong*)NativeMemory.AllocZeroed((nuint)1 << levelBits, sizeof(ulong));
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    private void Free(ulong* level, int levels)
    {
        if (levels > 1)
        {
            for (ulong i = 0; i <= _levelMask; i++)
            {
                // SAFETY: inside the level; a link is 0 or points at a level that TryLink made.
                if (level[i] != 0) Free((ulong*)(FromHardware(level[i]) & ~LinkFlags), levels - 1);
            }
        }

        NativeMemory.Free(level);
    }
}
