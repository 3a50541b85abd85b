// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Type1;

/// <summary>
/// A container's Type1 IOMMU, version 1 or 2 (drivers/vfio/vfio_iommu_type1.c: struct vfio_iommu). All its groups
/// share one domain. State is guarded by the domain's lock, the kernel's iommu->lock.
/// </summary>
internal sealed partial class Type1Driver : IIommuDriver
{
    private readonly bool _isV2;
    private readonly int _pageSize;
    private readonly Fidelity _fidelity;
    private readonly MappingDomain _domain = new();
    private readonly List<IommuGroup> _groups = [];
    private List<IovaRange> _validRanges = [];
    private ulong _pageSizes;
    private uint _entriesLeft;
    private uint _invalidVaddrCount;
    private bool _tracksDirty;

    public Type1Driver(bool isV2, int pageSize, uint entryLimit, Fidelity fidelity)
    {
        _fidelity = fidelity;
        _isV2 = isV2;
        _pageSize = pageSize;
        _entriesLeft = entryLimit;
        _pageSizes = ~((ulong)pageSize - 1);
    }

    /// <summary>A range of IOVAs, both ends inside.</summary>
    private readonly record struct IovaRange(ulong Start, ulong Last);

    // The smallest page the IOMMU maps.
    private ulong MinPageSize => 1UL << BitOperations.TrailingZeroCount(_pageSizes);

    /// <inheritdoc/>
    public KernelResult CheckExtension(ulong extension) => KernelResult.Ok(extension switch
    {
        VfioExtension.Type1 or VfioExtension.Type1V2 or VfioExtension.UnmapAll or VfioExtension.UpdateVaddr => 1,

        // DMA_CC_IOMMU: only where the IOMMU can force snooping on all domains; none of our platforms says so.
        _ => 0,
    });

    /// <inheritdoc/>
    public KernelResult Ioctl(Caller caller, uint request, ulong argument) => request switch
    {
        VfioIoctl.IommuGetInfo => GetInfo(caller, argument),
        VfioIoctl.IommuMapDma => MapDma(caller, argument),
        VfioIoctl.IommuUnmapDma => UnmapDma(caller, argument),
        VfioIoctl.IommuDirtyPages => DirtyPages(caller, argument),
        _ => KernelResult.Fail(Errno.ENOTTY, $"request 0x{request:x} is not one of a Type1 container"),
    };

    // vfio_iommu_type1_attach_group
    /// <inheritdoc/>
    public KernelResult AttachGroup(IommuGroup group)
    {
        PlatformGroup platform = group.Platform;
        using (_domain.Lock.EnterScope())
        {
            if (_invalidVaddrCount != 0) return KernelResult.Fail(Errno.EBUSY, $"group {group.Id} cannot join while {_invalidVaddrCount} mapping(s) wait for a new vaddr");
            if (_groups.Contains(group)) return KernelResult.Fail(Errno.EINVAL, $"group {group.Id} is attached already");
            ulong first = platform.ApertureStart.Value, last = platform.ApertureLast.Value;
            KernelResult aperture = CheckAperture(group, first, last);
            if (aperture.IsError) return aperture;
            foreach (ReservedRange reserved in platform.Reserved)
            {
                if (_domain.Mappings.FindOverlap(reserved.Start.Value, reserved.Last.Value) is { } hit)
                {
                    return KernelResult.Fail(Errno.EINVAL, $"group {group.Id} reserves {reserved.Start}-{reserved.Last} ({reserved.Kind}), where 0x{hit.Start:x}+0x{hit.Size:x} is mapped");
                }
            }

            List<IovaRange> ranges = Exclude(Resize(_validRanges, first, last), platform.Reserved);
            if (ranges.Count == 0) return KernelResult.Fail(Errno.EINVAL, $"group {group.Id} leaves no IOVA that can be mapped");
            if (_groups.Count == 0) _pageSizes = AtLeastPages(platform.PageSizes);
            _validRanges = ranges;
            _groups.Add(group);
        }

        group.SetDomain(_domain);
        return KernelResult.Success;
    }

    // vfio_iommu_aper_conflict
    private KernelResult CheckAperture(IommuGroup group, ulong first, ulong last)
    {
        if (_validRanges.Count == 0) return KernelResult.Success;
        ulong low = _validRanges[0].Start, high = _validRanges[^1].Last;
        bool disjoint = first > high || last < low;
        DmaMapping? outside = disjoint ? null
            : (first > low ? _domain.Mappings.FindOverlap(low, first - 1) : null) ?? (last < high ? _domain.Mappings.FindOverlap(last + 1, high) : null);
        if (!disjoint && outside is null) return KernelResult.Success;
        return KernelResult.Fail(Errno.EINVAL, outside is null
            ? $"group {group.Id} translates 0x{first:x}-0x{last:x}, the container 0x{low:x}-0x{high:x}: nothing in common"
            : $"group {group.Id} translates 0x{first:x}-0x{last:x}, and 0x{outside.Start:x}+0x{outside.Size:x} is mapped outside it");
    }

    // vfio_iommu_type1_detach_group
    /// <inheritdoc/>
    public void DetachGroup(IommuGroup group)
    {
        group.SetDomain(null);
        bool last;
        using (_domain.Lock.EnterScope())
        {
            if (!_groups.Remove(group)) return;
            last = _groups.Count == 0;
            if (!last)
            {
                // vfio_iommu_resv_refresh: ranges that only the leaver reserved can be mapped again, except at the ends.
                List<IovaRange> ranges = [new IovaRange(_validRanges[0].Start, _validRanges[^1].Last)];
                foreach (IommuGroup left in _groups) ranges = Exclude(ranges, left.Platform.Reserved);
                if (ranges.Count != 0) _validRanges = ranges;
            }
        }

        // The last group takes all mappings with it: ownership of a group is what allows them.
        if (last) RemoveAll();
    }

    /// <inheritdoc/>
    public void Release() => RemoveAll();

    private void RemoveAll()
    {
        var removed = new List<DmaMapping>();
        using (_domain.Lock.EnterScope())
        {
            while (_domain.Mappings.FirstEndingAtOrAfter(0) is { } mapping)
            {
                Unlink(mapping);
                removed.Add(mapping);
            }
        }

        Unpin(removed);
    }

    // vfio_update_pgsize_bitmap: sizes below a system page are hidden, and a page stands for them.
    private ulong AtLeastPages(ulong pageSizes)
    {
        ulong mask = (ulong)_pageSize - 1;
        return (pageSizes & mask) == 0 ? pageSizes : (pageSizes & ~mask) | (mask + 1);
    }

    // vfio_iommu_aper_resize
    private static List<IovaRange> Resize(List<IovaRange> ranges, ulong first, ulong last)
    {
        if (ranges.Count == 0) return [new IovaRange(first, last)];
        var resized = new List<IovaRange>(ranges.Count);
        foreach (IovaRange range in ranges)
        {
            if (range.Last < first || range.Start > last) continue;
            resized.Add(new IovaRange(Math.Max(range.Start, first), Math.Min(range.Last, last)));
        }

        return resized;
    }

    // vfio_iommu_resv_exclude; relaxable direct ranges stay, as there.
    private static List<IovaRange> Exclude(List<IovaRange> ranges, IReadOnlyList<ReservedRange> reserved)
    {
        foreach (ReservedRange hole in reserved)
        {
            if (hole.Kind == "direct-relaxable") continue;
            ulong start = hole.Start.Value, last = hole.Last.Value;
            var cut = new List<IovaRange>(ranges.Count + 1);
            foreach (IovaRange range in ranges)
            {
                if (start > range.Last || last < range.Start)
                {
                    cut.Add(range);
                    continue;
                }

                if (start > range.Start) cut.Add(new IovaRange(range.Start, start - 1));
                if (last < range.Last) cut.Add(new IovaRange(last + 1, range.Last));
            }

            ranges = cut;
        }

        return ranges;
    }
}
