// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.Host.Platforms.PowerNv;

/// <summary>
/// How large PowerNV's tables are (powernv/pci-ioda.c: pnv_pci_ioda2_get_table_size; pci-ioda-tce.c:
/// pnv_pci_ioda2_table_alloc_pages). The kernel's arithmetic on 32-bit shifts, wrapped ones included: windows smaller
/// than a page depend on it.
/// </summary>
internal static class PowerNvTableSize
{
    /// <summary>Bytes to charge: the hardware's table and its copy with the user's addresses; 0 when there is no such table.</summary>
    public static ulong Charge(uint pageShift, ulong windowSize, uint levels, int systemPageShift)
    {
        if (levels is 0 or > TceTable.MaxLevels || !BitOperations.IsPow2(windowSize)) return 0;
        uint entriesShift = unchecked((uint)BitOperations.Log2(windowSize) - pageShift);
        ulong table = Math.Max(0x1000, ShiftLeft(1, unchecked(entriesShift + 3)));
        uint levelEntries = unchecked(entriesShift + levels - 1) / levels;
        ulong level = ShiftLeft(1, Math.Max(unchecked(levelEntries + 3), (uint)systemPageShift));
        ulong bytes = 0;
        for (; levels != 0; levels--)
        {
            bytes = unchecked(bytes + Align(table, level));

            // The processor's division by 0 gives 0.
            table = level == 0 ? 0 : table / level;
            table = Math.Max(unchecked(table << 3), level);
        }

        return unchecked(bytes + bytes);
    }

    /// <summary>Entries of a level as a power of two, and entries of the window; false where no such table can be.</summary>
    public static bool TryLayOut(uint pageShift, ulong windowSize, uint levels, int systemPageShift, out int levelBits, out ulong entries)
    {
        levelBits = 0;
        entries = 0;
        if (levels is 0 or > TceTable.MaxLevels || !BitOperations.IsPow2(windowSize)) return false;
        uint entriesShift = unchecked((uint)BitOperations.Log2(windowSize) - pageShift);
        entries = ShiftLeft(1, Math.Max(unchecked(entriesShift + 3), (uint)systemPageShift)) >> 3;
        ulong levelShift = Math.Max(unchecked((unchecked(entriesShift + levels - 1) / levels) + 3), (uint)systemPageShift);
        if (((levelShift - 3) * levels) + pageShift >= 55) return false;
        levelBits = (int)levelShift - 3;
        return true;
    }

    // sld: the low seven bits count, and 64 or more moves everything out.
    private static ulong ShiftLeft(ulong value, uint count) => (count & 127) >= 64 ? 0 : value << (int)(count & 127);

    private static ulong Align(ulong value, ulong to) => unchecked((value + (to - 1)) & ~(to - 1));
}
