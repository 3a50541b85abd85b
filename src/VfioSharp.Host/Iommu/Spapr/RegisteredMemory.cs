// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>
/// A process's memory pinned ahead of time for DMA (mm/book3s64/iommu_api.c: struct mm_iommu_table_group_mem_t).
/// It belongs to the process; containers hold it.
/// </summary>
internal sealed class RegisteredMemory(ulong userAddress, ulong size, int pageShift, PinnedRange range)
{
    // Entries of tables that point into it, plus one while it is registered (mapped).
    private long _mapped = 1;

    /// <summary>First address in the process.</summary>
    public ulong UserAddress { get; } = userAddress;

    /// <summary>Length in bytes.</summary>
    public ulong Size { get; } = size;

    /// <summary>log2 of the largest IOMMU page that the memory can serve (pageshift).</summary>
    public int PageShift { get; } = pageShift;

    /// <summary>The pinned pages and their physical addresses.</summary>
    public PinnedRange Range { get; } = range;

    /// <summary>How many containers hold it (used). Guarded by its list's lock.</summary>
    public int Users { get; set; } = 1;

    /// <summary>
    /// Whether one of its users is nobody: the last container let go of it while entries pointed into it. Guarded by its
    /// list's lock.
    /// </summary>
    public bool IsOwnerless { get; set; }

    /// <summary>Entries of tables that point into it.</summary>
    public long Entries => Math.Max(0, Interlocked.Read(ref _mapped) - 1);

    /// <summary>Whether an IOMMU page at an address lies inside.</summary>
    public bool Contains(ulong address, ulong size) =>
        address >= UserAddress && size <= Size && address - UserAddress <= Size - size;

    /// <summary>The physical address of one of its addresses.</summary>
    public ulong Physical(ulong address) => Range.Start + (address - UserAddress);

    /// <summary>An entry begins to point into it (mm_iommu_mapped_inc); false when it is registered no more.</summary>
    public bool TryHold()
    {
        long mapped = Interlocked.Read(ref _mapped);
        while (mapped != 0)
        {
            long seen = Interlocked.CompareExchange(ref _mapped, mapped + 1, mapped);
            if (seen == mapped) return true;
            mapped = seen;
        }

        return false;
    }

    /// <summary>An entry no longer does (mm_iommu_mapped_dec).</summary>
    public void Drop()
    {
        long mapped = Interlocked.Read(ref _mapped);
        while (mapped > 1)
        {
            long seen = Interlocked.CompareExchange(ref _mapped, mapped - 1, mapped);
            if (seen == mapped) return;
            mapped = seen;
        }
    }

    /// <summary>Ends the registration, unless entries point into it.</summary>
    public bool TryRetire() => Interlocked.CompareExchange(ref _mapped, 0, 1) == 1;
}
