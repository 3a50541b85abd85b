// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Numerics;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Dma;

/// <summary>A DMA window of the host.</summary>
/// <param name="Range">Its addresses.</param>
/// <param name="PageSize">Size of its pages.</param>
public sealed record HostWindow(IovaRange Range, ulong PageSize);

/// <summary>
/// POWER's windows of a container (hw/vfio/spapr.c). Version 1 has the default window, and guest windows must lie in it;
/// in version 2 a guest's window is made on the host when the guest gets it, and removed with it.
/// </summary>
public sealed class HostWindows
{
    // What the kernel surely can allocate in one piece for a level of a table: 256 pages.
    private const int BitsPerLevelBeyondPage = 8;

    private readonly SpaprIommu _iommu;
    private readonly bool _canCreate;
    private readonly ulong _hostPageSize;
    private readonly uint _maxLevels;
    private readonly List<(HostWindow Window, DmaWindow? Made)> _windows = [];

    private HostWindows(SpaprIommu iommu, bool canCreate, ulong hostPageSize, ulong pageSizes, uint maxLevels)
    {
        _iommu = iommu;
        _canCreate = canCreate;
        _hostPageSize = hostPageSize;
        _maxLevels = maxLevels;
        PageSizes = pageSizes;
    }

    /// <summary>Bitmap of page sizes that windows can have.</summary>
    public ulong PageSizes { get; }

    /// <summary>The windows there are.</summary>
    public IReadOnlyList<HostWindow> All => [.. _windows.Select(window => window.Window)];

    internal static HostWindows Create(SpaprIommu iommu, IommuType type, ulong hostPageSize)
    {
        SpaprInfo info = iommu.GetInfo();
        if (type == IommuType.SpaprTce)
        {
            // The default window's pages are of 4 KiB, and the only ones.
            const ulong DefaultPage = 0x1000;
            var fixedWindow = new HostWindows(iommu, canCreate: false, hostPageSize, DefaultPage, maxLevels: 1);
            var range = new IovaRange(info.DefaultWindowStart, info.DefaultWindowStart + (info.DefaultWindowSize - 1));
            fixedWindow._windows.Add((new HostWindow(range, DefaultPage), null));
            return fixedWindow;
        }

        // The default window goes, so that each window of the guest is made in the same way.
        if (info.DefaultWindowSize != 0) iommu.RemoveWindow(info.DefaultWindowStart);
        return new HostWindows(iommu, canCreate: true, hostPageSize, info.PageSizes, info.MaxLevels);
    }

    /// <summary>The host's side of a guest's window.</summary>
    /// <returns>Success, or why there can be none, with both sides' values.</returns>
    internal KernelResult Add(IovaRange range, ulong guestPageSizes)
    {
        if (!_canCreate)
        {
            HostWindow window = _windows[0].Window;
            ulong smallest = guestPageSizes & (~guestPageSizes + 1);
            if (smallest < window.PageSize)
                return KernelResult.Fail(Errno.EINVAL, $"the guest's pages are of 0x{smallest:x} bytes, the host's window {window.Range} has pages of 0x{window.PageSize:x}");
            return window.Range.Contains(range.Start, range.End.Value - range.Start.Value + 1)
                ? KernelResult.Success
                : KernelResult.Fail(Errno.EINVAL, $"the guest's window {range} is not within the host's window {window.Range}, the only one it has");
        }

        foreach ((HostWindow window, _) in _windows)
        {
            if (range.Start <= window.Range.End && window.Range.Start <= range.End)
                return KernelResult.Fail(Errno.EINVAL, $"the guest's window {range} overlaps the host's window {window.Range}, which is there already");
        }

        ulong pageSize = ChoosePageSize(guestPageSizes);
        return pageSize == 0
            ? KernelResult.Fail(Errno.EINVAL, $"the guest's window {range} has pages of {Describe(guestPageSizes)}, the host can have pages of {Describe(PageSizes)} only")
            : Make(range, pageSize);
    }

    /// <summary>A guest's window goes, and the host's for it.</summary>
    /// <returns>Success, also when there was none.</returns>
    internal KernelResult Remove(IovaRange range)
    {
        int index = _windows.FindIndex(entry => entry.Made is not null && entry.Window.Range == range);
        if (index < 0) return KernelResult.Success;
        try
        {
            _windows[index].Made!.Remove();
            _windows.RemoveAt(index);
            return KernelResult.Success;
        }
        catch (VfioException exception)
        {
            // The host still has it: it stays in the list, so that a later window that overlaps is refused for that.
            return KernelResult.Fail(exception.Errno, exception.Message);
        }
    }

    /// <summary>
    /// The largest of the host's page sizes that divides the guest's pages and the pages behind its memory: a guest's
    /// page may be made of several of the host's.
    /// </summary>
    private ulong ChoosePageSize(ulong guestPageSizes)
    {
        ulong most = Math.Min(guestPageSizes & (~guestPageSizes + 1), _hostPageSize);
        ulong fitting = PageSizes & (most | (most - 1));
        return fitting == 0 ? 0 : 1UL << BitOperations.Log2(fitting);
    }

    /// <summary>
    /// Makes a window and sees that it begins where the guest's does. The host's places are numbered, and the lowest free
    /// one is taken: where a window lands below the guest's, it holds that place until a second one has the next.
    /// </summary>
    private KernelResult Make(IovaRange range, ulong pageSize)
    {
        KernelResult result = TryCreate(range, pageSize, out DmaWindow? made);
        if (result.IsError) return result;
        if (made!.Start != range.Start && made.Start < range.Start)
        {
            using DmaWindow placeholder = made;
            result = TryCreate(range, pageSize, out made);
            if (result.IsError)
                return KernelResult.Fail(result.Errno, $"the guest's window {range} cannot be there on the host, whose window begins at {placeholder.Start}: {result.Reason}");
        }

        if (made!.Start == range.Start)
        {
            _windows.Add((new HostWindow(range, pageSize), made));
            return KernelResult.Success;
        }

        made.Dispose();
        return KernelResult.Fail(Errno.EINVAL, $"the guest's window {range} cannot be there on the host, whose window begins at {made.Start}");
    }

    private KernelResult TryCreate(IovaRange range, ulong pageSize, out DmaWindow? made)
    {
        ulong size = range.End.Value - range.Start.Value + 1;

        // As few levels as can be allocated; more when the kernel has no memory in pieces of that size.
        int tableBits = BitOperations.Log2(size / pageSize) + BitOperations.Log2(sizeof(ulong));
        int levelBits = BitOperations.Log2(_hostPageSize) + BitsPerLevelBeyondPage;
        uint levels = Math.Min(_maxLevels, (uint)Math.Max(1, (tableBits + levelBits - 1) / levelBits));
        while (true)
        {
            try
            {
                made = _iommu.CreateWindow(pageSize, size, levels);
                return KernelResult.Success;
            }
            catch (VfioException) when (levels < _maxLevels)
            {
                levels++;
            }
            catch (VfioException exception)
            {
                made = null;
                return KernelResult.Fail(exception.Errno, $"the host cannot make the guest's window {range} with pages of 0x{pageSize:x} bytes: {exception.Message}");
            }
        }
    }

    private static string Describe(ulong pageSizes)
    {
        var sizes = new List<string>();
        for (ulong left = pageSizes; left != 0; left &= left - 1)
            sizes.Add("0x" + (left & (~left + 1)).ToString("x", CultureInfo.InvariantCulture));
        return sizes.Count == 0 ? "no size" : string.Join(", ", sizes) + " bytes";
    }
}
