// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>A DMA window as the hardware has it: a range of bus addresses and the table that translates it.</summary>
/// <param name="Start">First bus address.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="PageShift">log2 of its page size.</param>
/// <param name="Table">Its entries; index 0 translates <paramref name="Start"/>.</param>
internal sealed record TceWindow(ulong Start, ulong Size, int PageShift, TceTable Table);

/// <summary>
/// What translates a partitionable endpoint's DMA: up to two windows, and on PowerNV the bypass that lets the host's
/// own drivers reach memory directly. Windows change under the lock of whoever has the group; DMA takes none.
/// </summary>
internal sealed class TceDomain(HostPhysicalMemory memory) : IommuDomain
{
    /// <summary>Windows of a group (IOMMU_TABLE_GROUP_MAX_TABLES).</summary>
    public const int MaxWindows = 2;

    /// <summary>Where the bypass begins: bit 59 of a bus address.</summary>
    public const ulong BypassStart = 1UL << 59;

    private readonly TceWindow?[] _windows = new TceWindow?[MaxWindows];
    private volatile bool _bypass;

    /// <summary>Whether bus addresses from <see cref="BypassStart"/> on are physical ones.</summary>
    public bool Bypass
    {
        get => _bypass;
        set
        {
            _bypass = value;
            if (!value) WaitForAccesses();
        }
    }

    /// <summary>The window in a slot, or null.</summary>
    public TceWindow? this[int slot] => Volatile.Read(ref _windows[slot]);

    /// <summary>Sets or removes a window. When this returns, no access uses the one that was there.</summary>
    public void Set(int slot, TceWindow? window)
    {
        TceWindow? old = _windows[slot];
        Volatile.Write(ref _windows[slot], window);
        if (old is not null) WaitForAccesses();
    }

    /// <inheritdoc/>
    public override DmaTranslation Translate(ulong iova, Iotlb cache)
    {
        foreach (ref TceWindow? slot in _windows.AsSpan())
        {
            TceWindow? window = Volatile.Read(ref slot);
            if (window is null) continue;
            ulong offset = iova - window.Start;
            if (offset < window.Size) return Walk(window, offset);
        }

        return _bypass && iova >= BypassStart
            ? Resolve(iova - BypassStart, ulong.MaxValue, DmaAccess.ReadWrite)
            : DmaTranslation.None(iova, DmaFaultReason.NotMapped);
    }

    private DmaTranslation Walk(TceWindow window, ulong offset)
    {
        ulong tce = window.Table.Read(offset >> window.PageShift);
        ulong mask = (1UL << window.PageShift) - 1;
        ulong within = offset & mask;
        var access = (DmaAccess)(tce & (ulong)TcePermission.ReadWrite);
        if (access == DmaAccess.None) return new DmaTranslation(null, 0, mask + 1 - within, DmaAccess.None);
        return Resolve((tce & ~(ulong)TcePermission.ReadWrite & ~mask) | within, mask + 1 - within, access);
    }

    private DmaTranslation Resolve(ulong physical, ulong length, DmaAccess access)
    {
        PinnedRange? range = memory.Find(physical);
        if (range is null || physical - range.Start >= range.Memory.Length) return DmaTranslation.None(physical, DmaFaultReason.MemoryGone);
        ulong offset = physical - range.Start;
        return new DmaTranslation(range.Memory, offset, Math.Min(length, range.Memory.Length - offset), access);
    }
}
