// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Dma;

/// <summary>
/// A window of a guest's IOMMU, followed into a container: each entry's page is mapped where the memory behind it is.
/// </summary>
internal sealed class FollowedWindow
{
    private readonly DmaContainer _container;
    private readonly IommuRegion _region;
    private readonly IommuNotifier _notifier;

    // What to add to an offset in the region for an address on the bus; it may be a negative number.
    private readonly ulong _base;
    private bool _isReplaying;

    public FollowedWindow(DmaContainer container, IommuRegion region, in MemorySection section)
    {
        _container = container;
        _region = region;
        Section = section;
        _base = unchecked(section.Address - section.OffsetInRegion);
        _notifier = new IommuNotifier(section.OffsetInRegion, section.OffsetInRegion + (section.Size - 1), Changed);
    }

    public MemorySection Section { get; }

    /// <summary>Hears of changes from now on; what is mapped already is replayed.</summary>
    public void Begin()
    {
        _region.AddNotifier(_notifier);
        _isReplaying = true;
        _region.Replay(_notifier);
        _isReplaying = false;
    }

    /// <summary>Maps what is mapped once more.</summary>
    public void Replay() => _region.Replay(_notifier);

    public void End() => _region.RemoveNotifier(_notifier);

    /// <summary>The guest's memory changed: entries that lead into a section of it are mapped, or taken away.</summary>
    public void Refresh(MemorySection memory, bool isThere)
    {
        var inSection = new IommuNotifier(_notifier.Start, _notifier.Last, entry =>
        {
            if (entry.Target.Value >= memory.End || entry.Target.Value + entry.AddressMask < memory.Address) return;
            if (isThere) Changed(entry);
            else Unmap(entry);
        });
        _region.Replay(inSection);
    }

    private void Changed(IommuEntry entry)
    {
        if (entry.Access == DmaAccess.None || !TryFindMemory(entry, out ulong address, out DmaAccess access))
        {
            Unmap(entry);
            return;
        }

        Iova iova = IovaOf(entry);
        KernelResult result = _container.Container.TryMapDma(iova, address, entry.Size, access);

        // Type1 does not replace a mapping as a TCE is replaced: the old one goes first.
        if (result.Errno == Errno.EEXIST && _container.Container.TryUnmapDma(iova, entry.Size, out _).IsSuccess)
            result = _container.Container.TryMapDma(iova, address, entry.Size, access);
        if (result.IsSuccess) return;

        // At start the device cannot work without; later the guest, which chose the entry, sees its device's faults.
        _container.Fail(Section, iova, entry.Size, address, result.Errno,
            $"MAP_DMA of iova {iova}, 0x{entry.Size:x} bytes at address 0x{address:x} ({access}) failed: {result}", remedy: null, isFatal: _isReplaying);
    }

    private void Unmap(in IommuEntry entry)
    {
        Iova iova = IovaOf(entry);
        KernelResult result = _container.Container.TryUnmapDma(iova, entry.Size, out _);
        if (result.IsError)
            _container.Fail(Section, iova, entry.Size, 0, result.Errno, $"UNMAP_DMA of iova {iova}, 0x{entry.Size:x} bytes failed: {result}", remedy: null, isFatal: false);
    }

    private Iova IovaOf(in IommuEntry entry) => new(unchecked(_base + entry.Offset));

    /// <summary>The memory behind an entry's page: all of the page must lie in one piece of it.</summary>
    private bool TryFindMemory(in IommuEntry entry, out ulong address, out DmaAccess access)
    {
        (address, access) = (0, entry.Access);
        ulong target = entry.Target.Value & ~entry.AddressMask;
        string why;
        if (!_region.Target.View.TryFind(target, out MemorySection memory) || memory.Region is not RamRegion ram)
        {
            why = "there is no memory";
        }
        else if (target - memory.Address + entry.AddressMask >= memory.Size)
        {
            why = $"{memory} ends within the page";
        }
        else
        {
            address = ram.Memory.Address + memory.OffsetInRegion + (target - memory.Address);
            if (memory.IsReadOnly) access &= ~DmaAccess.Write;
            if (access != DmaAccess.None) return true;
            why = $"{memory} is read-only";
        }

        // The guest's own doing.
        Iova iova = IovaOf(entry);
        _container.Fail(Section, iova, entry.Size, 0, Errno.None,
            $"the guest's entry at iova {iova}, 0x{entry.Size:x} bytes, leads to guest address 0x{target:x}, and {why}", remedy: null, isFatal: false);
        return false;
    }
}
