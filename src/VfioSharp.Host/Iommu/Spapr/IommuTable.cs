// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>
/// A DMA window's table as the kernel keeps it (asm/iommu.h: struct iommu_table): the entries, where the window lies,
/// and for VFIO a second table that remembers the user's addresses. Changed under the lock of the container that has
/// it; counted, since several groups may have it set.
/// </summary>
internal abstract class IommuTable
{
    private readonly List<IommuTableGroup> _groups = [];
    private int _references = 1;

    protected IommuTable(int pageShift, ulong start, ulong entries)
    {
        PageShift = pageShift;
        FirstEntry = start >> pageShift;
        Entries = entries;
    }

    /// <summary>log2 of the page size (it_page_shift).</summary>
    public int PageShift { get; }

    /// <summary>Bytes of a page.</summary>
    public ulong PageSize => 1UL << PageShift;

    /// <summary>Number of the first entry: the window's start in pages (it_offset).</summary>
    public ulong FirstEntry { get; }

    /// <summary>How many entries (it_size).</summary>
    public ulong Entries { get; }

    /// <summary>First bus address.</summary>
    public ulong Start => FirstEntry << PageShift;

    /// <summary>Bytes charged for the table (it_allocated_size).</summary>
    public ulong AllocatedSize { get; init; }

    /// <summary>The user's address of each entry (it_userspace); null for a table of the host's own.</summary>
    public TceTable? UserAddresses { get; init; }

    /// <summary>The entries, for listings; null when whoever owns them no longer has the window.</summary>
    public abstract TceTable? Contents { get; }

    /// <summary>The groups that have the table set as a window (it_group_list).</summary>
    public IReadOnlyList<IommuTableGroup> Groups => _groups;

    /// <summary>Whether exchanging an entry outside of the window is refused below the kernel (a hypervisor) or would write past the table.</summary>
    public virtual bool ChecksEntries => false;

    /// <summary>Whether the entry is one of the window's.</summary>
    public bool Contains(ulong entry) => entry >= FirstEntry && entry - FirstEntry < Entries;

    /// <summary>
    /// Exchanges an entry (xchg_no_kill): puts a physical address with permissions, gives back what was there.
    /// </summary>
    public abstract KernelResult Exchange(ulong entry, ref ulong address, ref TcePermission permissions);

    /// <summary>Moves to the next entry that is not clear, by its index in the window; false when there is none before <paramref name="end"/>.</summary>
    public abstract bool TryNext(ref ulong index, ulong end);

    /// <summary>Ends the use of old entries by accesses under way (tce_kill).</summary>
    public void Kill()
    {
        foreach (IommuTableGroup group in _groups) group.Domain.WaitForAccesses();
    }

    /// <summary>A group sets the table.</summary>
    public void Link(IommuTableGroup group)
    {
        _groups.Add(group);
        Acquire();
    }

    /// <summary>A group no longer has it.</summary>
    public void Unlink(IommuTableGroup group)
    {
        if (_groups.Remove(group)) Release();
    }

    /// <summary>Takes a reference (iommu_tce_table_get).</summary>
    public void Acquire() => Interlocked.Increment(ref _references);

    /// <summary>Gives one back (iommu_tce_table_put); the last one frees the table.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        UserAddresses?.Dispose();
        Free();
    }

    /// <summary>The last reference is gone: frees the entries, where they are the kernel's.</summary>
    protected virtual void Free()
    {
    }
}
