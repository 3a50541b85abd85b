// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>Reads 8 bytes of the guest's memory, big-endian; what is not there reads as ones.</summary>
/// <param name="address">Where.</param>
public delegate ulong GuestMemoryReader(GuestPhysicalAddress address);

/// <summary>
/// H_PUT_TCE, H_PUT_TCE_INDIRECT, H_STUFF_TCE and H_GET_TCE on all windows of a machine (hw/ppc/spapr_iommu.c).
/// </summary>
/// <param name="readMemory">The guest's memory, where lists of entries are.</param>
/// <param name="acceleration">The kernel's part, where there is one.</param>
public sealed class TceHypercalls(GuestMemoryReader readMemory, ITceAcceleration? acceleration = null)
{
    private const ulong MostListed = 512;
    private const ulong ListPageMask = 0xfff;

    private readonly Dictionary<uint, GuestTceTable> _tables = [];

    /// <summary>The window of a liobn; null: no bridge has such.</summary>
    public GuestTceTable? Find(ulong liobn) => liobn <= uint.MaxValue ? _tables.GetValueOrDefault((uint)liobn) : null;

    /// <summary>H_PUT_TCE.</summary>
    public HypercallStatus Put(ulong liobn, ulong ioba, ulong tce) =>
        Find(liobn) is { } table ? table.Put(ioba, tce) : HypercallStatus.Parameter;

    /// <summary>H_GET_TCE.</summary>
    public HypercallStatus Get(ulong liobn, ulong ioba, out ulong tce)
    {
        tce = 0;
        return Find(liobn) is { } table ? table.Get(ioba, out tce) : HypercallStatus.Parameter;
    }

    /// <summary>H_PUT_TCE_INDIRECT: a page of entries. What came before the entry that is refused stays.</summary>
    public HypercallStatus PutIndirect(ulong liobn, ulong ioba, ulong list, ulong pages)
    {
        if (Find(liobn) is not { } table || pages > MostListed || (list & ListPageMask) != 0) return HypercallStatus.Parameter;

        // No entry at all is refused as well: the answer is that of the last one.
        HypercallStatus status = HypercallStatus.Parameter;
        for (ulong i = 0; i < pages; i++)
        {
            status = table.Put(PageOf(table, ioba) + (i << table.PageShift), readMemory(new GuestPhysicalAddress(list + (i * sizeof(ulong)))));
            if (status != HypercallStatus.Success) break;
        }

        return status;
    }

    /// <summary>H_STUFF_TCE: the same entry for several pages.</summary>
    public HypercallStatus Stuff(ulong liobn, ulong ioba, ulong tce, ulong pages)
    {
        if (Find(liobn) is not { } table || pages > table.PageCount) return HypercallStatus.Parameter;
        HypercallStatus status = HypercallStatus.Parameter;
        for (ulong i = 0; i < pages; i++)
        {
            status = table.Put(PageOf(table, ioba) + (i << table.PageShift), tce);
            if (status != HypercallStatus.Success) break;
        }

        return status;
    }

    /// <summary>A window that is no PCI bridge's: of the virtual-I/O bus.</summary>
    public GuestTceTable AddWindow(uint liobn, int pageShift, Iova start, ulong pageCount)
    {
        GuestTceTable table = Add(liobn);
        table.Enable(pageShift, start, pageCount, isDefault: true);
        return table;
    }

    /// <summary>A window's name becomes known. One liobn names one window of the machine.</summary>
    internal GuestTceTable Add(uint liobn)
    {
        var table = new GuestTceTable(liobn, acceleration);
        if (!_tables.TryAdd(liobn, table)) throw new ArgumentException($"liobn 0x{liobn:x} is another window's already", nameof(liobn));
        return table;
    }

    private static ulong PageOf(GuestTceTable table, ulong ioba) => ioba & ~((1UL << table.PageShift) - 1);
}
