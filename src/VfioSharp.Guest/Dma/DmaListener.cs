// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Dma;

/// <summary>
/// Keeps a container's mappings as the guest's address space is (hw/vfio/listener.c): memory is mapped where the
/// guest's devices see it; a window of a guest's IOMMU is followed entry by entry.
/// </summary>
internal sealed class DmaListener(DmaContainer container) : IMemoryListener
{
    // Sizing an enabled 64-bit BAR puts it here for a moment; no IOMMU reaches it.
    private const ulong NeverMapped = 1UL << 63;

    private readonly List<FollowedWindow> _followed = [];

    /// <summary>The guest's windows that are followed.</summary>
    public IReadOnlyList<FollowedWindow> Followed => _followed;

    public void Begin()
    {
    }

    public void Commit()
    {
    }

    public void RegionAdded(in MemorySection section)
    {
        if (!TryAlign(section, tells: true, out Iova start, out ulong size)) return;
        switch (section.Region)
        {
            case IommuRegion iommu:
                Follow(iommu, section, start, size);
                break;
            case RamRegion ram when !ram.IsDevice || IsOnIommuPages(start, size):
                Map(ram, section, start, size);
                break;
            default:
                // A mapped BAR smaller than the IOMMU's page: other devices cannot reach it, as without IOMMU pages.
                break;
        }
    }

    public void RegionRemoved(in MemorySection section)
    {
        if (section.Region is IommuRegion)
        {
            MemorySection gone = section;
            int index = _followed.FindIndex(window => window.Section == gone);
            if (index >= 0)
            {
                _followed[index].End();
                _followed.RemoveAt(index);
            }
        }

        if (!TryAlign(section, tells: false, out Iova start, out ulong size)) return;
        if (section.Region is RamRegion && container.Windows is not null) return;
        if (section.Region is RamRegion { IsDevice: true } && !IsOnIommuPages(start, size)) return;

        // One call for all of it, a window's entries included.
        KernelResult result = container.Windows is { } known && !known.All.Any(window => window.Range.Contains(start, size))
            ? KernelResult.Success
            : container.Container.TryUnmapDma(start, size, out _);
        if (result.IsError)
            container.Fail(section, start, size, 0, result.Errno, $"UNMAP_DMA of iova {start}, 0x{size:x} bytes failed: {result}", remedy: null, isFatal: false);
        if (section.Region is not IommuRegion || container.Windows is not { } windows) return;
        KernelResult removed = windows.Remove(new IovaRange(start, start + (size - 1)));
        if (removed.IsError)
            container.Fail(section, start, size, 0, removed.Errno, $"the host's window at {start} cannot be removed: {removed}", remedy: null, isFatal: false);
    }

    /// <summary>What of a section can be mapped: whole pages of the host.</summary>
    private bool TryAlign(in MemorySection section, bool tells, out Iova start, out ulong size)
    {
        (start, size) = (default, 0);
        if (section.Region is not (RamRegion or IommuRegion) || (section.Address & NeverMapped) != 0) return false;
        ulong mask = container.HostPageMask;
        if ((section.Address & mask) != (section.OffsetInRegion & mask))
        {
            if (tells)
            {
                container.Fail(section, new Iova(section.Address), section.Size, 0, Errno.None,
                    $"unaligned region: its offset 0x{section.OffsetInRegion:x} lies otherwise in a page of 0x{mask + 1:x} bytes than its address 0x{section.Address:x}; devices cannot reach it",
                    remedy: null, isFatal: false);
            }

            return false;
        }

        ulong first = (section.Address + mask) & ~mask;
        ulong end = section.End & ~mask;
        if (first >= end) return false;
        (start, size) = (new Iova(first), end - first);
        return true;
    }

    private bool IsOnIommuPages(Iova start, ulong size)
    {
        ulong mask = (container.PageSizes & (~container.PageSizes + 1)) - 1;
        return ((start.Value | size) & mask) == 0;
    }

    private void Follow(IommuRegion iommu, in MemorySection section, Iova start, ulong size)
    {
        if (container.Windows is { } windows)
        {
            KernelResult made = windows.Add(new IovaRange(start, start + (size - 1)), iommu.PageSizes);
            if (made.IsError)
            {
                container.Fail(section, start, size, 0, made.Errno, made.Reason ?? made.ToString(),
                    "Give the bridge windows that the host has (address, size, page sizes), or use another bridge for the device", isFatal: true);
                return;
            }
        }

        var window = new FollowedWindow(container, iommu, section);
        _followed.Add(window);
        window.Begin();
    }

    private void Map(RamRegion ram, in MemorySection section, Iova start, ulong size)
    {
        ulong address = ram.Memory.Address + section.OffsetInRegion + (start.Value - section.Address);
        DmaAccess access = section.IsReadOnly ? DmaAccess.Read : DmaAccess.ReadWrite;
        string? remedy = null;
        KernelResult result;
        if (container.Windows is not null)
        {
            result = KernelResult.Fail(Errno.EINVAL, $"the host's IOMMU ({container.IommuType}) has windows, and bus {container.Dma} shows memory to devices without one");
            remedy = "Put the device on a pseries host bridge";
        }
        else if (container.IovaRanges.Count > 0 && !container.IovaRanges.Any(range => range.Contains(start, size)))
        {
            result = KernelResult.Fail(Errno.EINVAL,
                $"the guest's range {new IovaRange(start, start + (size - 1))} is not within the host's: {string.Join(", ", container.IovaRanges)}");
            remedy = "Move the guest's memory to where the host's IOMMU can map it";
        }
        else
        {
            result = container.Container.TryMapDma(start, address, size, access);
        }

        if (result.IsSuccess) return;
        string message = $"MAP_DMA of iova {start}, 0x{size:x} bytes at address 0x{address:x} ({access}) failed: {result}";
        if (ram.IsDevice) message += "; other devices cannot reach this device's registers (peer to peer)";
        container.Fail(section, start, size, address, result.Errno, message, remedy, isFatal: !ram.IsDevice);
    }
}
