// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>What kind of memory an area is.</summary>
public enum MemoryKind
{
    /// <summary>Private anonymous memory: copied by fork.</summary>
    Private,

    /// <summary>Shared memory: the same for a forked process.</summary>
    Shared,

    /// <summary>Private memory of huge pages.</summary>
    Huge,
}

/// <summary>
/// A modelled address space: areas with protections, backed by memory of this process or by device regions.
/// Addresses are the model's own, so that no access can harm this process, and pinned pages outlive their area as
/// in a kernel. Thread-safe.
/// </summary>
public sealed class AddressSpace : ICallerMemory, IDisposable
{
    // The areas' addresses grow downwards from here, side by side, as mmap places them.
    private const ulong TopAddress = 0x7fff_0000_0000;
    private const ulong BottomAddress = 0x1_0000_0000;

    // Guards the areas. Taken under any lock of the host; device regions are called without it.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private readonly List<MemoryArea> _areas = [];

    // Whether there may be room between areas.
    private bool _hasGaps;

    /// <summary>An empty address space of pages of <paramref name="pageSize"/> bytes.</summary>
    public AddressSpace(int pageSize) => PageSize = pageSize;

    /// <inheritdoc/>
    public int PageSize { get; }

    /// <summary>Maps zeroed memory; the value is its address, a multiple of <paramref name="alignment"/> and the page size.</summary>
    public KernelResult MapMemory(ulong length, ulong alignment, MemoryProtection protection, MemoryKind kind)
    {
        if (!TryRoundUp(length, out ulong size)) return KernelResult.Fail(Errno.ENOMEM, $"mmap: length 0x{length:x} does not fit the address space");
        if (size == 0) return KernelResult.Fail(Errno.EINVAL, $"mmap: length {length} is not positive");
        if (MemoryBacking.TryAllocate(size) is not { } backing) return KernelResult.Fail(Errno.ENOMEM, $"mmap: no memory for 0x{size:x} bytes");
        return Insert(size, alignment, protection, kind, backing, backingOffset: 0);
    }

    /// <summary>Maps memory that others may share (a memfd); the area holds a reference of its own.</summary>
    internal KernelResult MapBacking(MemoryBacking backing, ulong offset, ulong length, MemoryProtection protection)
    {
        if (!TryRoundUp(length, out ulong size) || size == 0) return KernelResult.Fail(Errno.EINVAL, $"mmap: length 0x{length:x} is not positive or too large");
        backing.Acquire();
        return Insert(size, (ulong)PageSize, protection, MemoryKind.Shared, backing, offset);
    }

    /// <summary>Maps a region of a host file, which the area keeps open.</summary>
    internal KernelResult MapRegion(IMappedRegion region, HostFile file, ulong length, MemoryProtection protection)
    {
        file.Acquire();
        using (_lock.EnterScope())
        {
            if (!TryReserve(length, (ulong)PageSize, out ulong address)) return NoSpace(length);
            _areas.Insert(IndexAfter(address), new MemoryArea(address, length, protection, region, file));
            return KernelResult.Ok((long)address);
        }
    }

    private KernelResult Insert(ulong size, ulong alignment, MemoryProtection protection, MemoryKind kind, MemoryBacking backing, ulong backingOffset)
    {
        using (_lock.EnterScope())
        {
            if (!TryReserve(size, Math.Max(alignment, (ulong)PageSize), out ulong address))
            {
                backing.Release();
                return NoSpace(size);
            }

            _areas.Insert(IndexAfter(address), new MemoryArea(address, size, protection, kind, backing, backingOffset));
            return KernelResult.Ok((long)address);
        }
    }

    private static KernelResult NoSpace(ulong size) => KernelResult.Fail(Errno.ENOMEM, $"mmap: no room for 0x{size:x} bytes in the address space");

    // The highest gap that is large enough. A larger alignment than a page is had as programs get it: by room for
    // both, of which the aligned part is kept.
    private bool TryReserve(ulong size, ulong alignment, out ulong address)
    {
        address = 0;
        ulong room = alignment > (ulong)PageSize ? size + alignment : size;
        if (room < size) return false;
        ulong top = _hasGaps || _areas.Count == 0 ? TopAddress : _areas[0].Start;
        for (int i = _hasGaps ? _areas.Count - 1 : -1; i >= 0; i--)
        {
            if (top - _areas[i].End >= room) break;
            top = _areas[i].Start;
        }

        if (room > top || top - room < BottomAddress) return false;
        address = (top - room + alignment - 1) / alignment * alignment;
        _hasGaps |= alignment > (ulong)PageSize;
        return true;
    }

    /// <summary>munmap: cuts the range out of whatever is there.</summary>
    public KernelResult Unmap(ulong address, ulong length)
    {
        if (!TryRange(address, length, out ulong end)) return BadRange("munmap", address, length);
        List<MemoryArea>? gone = null;
        using (_lock.EnterScope())
        {
            _hasGaps = true;
            for (int i = FirstIndexEndingAfter(address); i < _areas.Count && _areas[i].Start < end; i++)
            {
                MemoryArea area = _areas[i];
                _areas.RemoveAt(i);
                int at = i;
                if (area.Start < address) _areas.Insert(at++, area.Part(area.Start, address));
                if (area.End > end) _areas.Insert(at++, area.Part(end, area.End));
                i = at - 1;
                (gone ??= []).Add(area);
            }
        }

        // Outside the lock: letting the last mapping of a device go closes the device.
        if (gone is not null) foreach (MemoryArea area in gone) area.Drop();
        return KernelResult.Success;
    }

    /// <summary>mprotect: ENOMEM when part of the range is not mapped, as the kernel, after changing what came before.</summary>
    public KernelResult Protect(ulong address, ulong length, MemoryProtection protection)
    {
        if (length == 0) return KernelResult.Success;
        if (!TryRange(address, length, out ulong end)) return BadRange("mprotect", address, length);
        List<MemoryArea>? replaced = null;
        ulong reached = address;
        using (_lock.EnterScope())
        {
            for (int i = FirstIndexEndingAfter(address); i < _areas.Count && _areas[i].Start <= reached && reached < end; i++)
            {
                MemoryArea area = _areas[i];
                ulong from = Math.Max(area.Start, address), to = Math.Min(area.End, end);
                _areas.RemoveAt(i);
                int at = i;
                if (area.Start < from) _areas.Insert(at++, area.Part(area.Start, from));
                MemoryArea middle = area.Part(from, to);
                middle.Protection = protection;
                _areas.Insert(at++, middle);
                if (area.End > to) _areas.Insert(at++, area.Part(to, area.End));
                i = at - 1;
                (replaced ??= []).Add(area);
                reached = to;
            }
        }

        if (replaced is not null) foreach (MemoryArea area in replaced) area.Drop();
        return reached >= end
            ? KernelResult.Success
            : KernelResult.Fail(Errno.ENOMEM, $"mprotect: nothing is mapped at 0x{reached:x} of 0x{address:x}+0x{length:x}");
    }

    /// <summary>A load by the process: what a MOV does.</summary>
    public MemoryFault Load(ulong address, int width, out ulong value)
    {
        value = 0;
        Span<byte> bytes = stackalloc byte[8];
        IMappedRegion? region;
        ulong offset;
        using (_lock.EnterScope())
        {
            MemoryArea? area = Find(address);
            if (area is null || (area.Protection & MemoryProtection.Read) == 0) return MemoryFault.Segmentation;
            if (area.Region is null)
            {
                if (!TryCopyOut(address, bytes[..width], MemoryProtection.Read)) return MemoryFault.Segmentation;
                value = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes);
                return MemoryFault.None;
            }

            (region, offset) = (area.Region, area.OffsetOf(address));
        }

        return region.Load(offset, width, out value);
    }

    /// <summary>A store by the process.</summary>
    public MemoryFault Store(ulong address, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        IMappedRegion? region;
        ulong offset;
        using (_lock.EnterScope())
        {
            MemoryArea? area = Find(address);
            if (area is null || (area.Protection & MemoryProtection.Write) == 0) return MemoryFault.Segmentation;
            if (area.Region is null)
            {
                return TryCopyIn(address, bytes[..width], MemoryProtection.Write) ? MemoryFault.None : MemoryFault.Segmentation;
            }

            (region, offset) = (area.Region, area.OffsetOf(address));
        }

        return region.Store(offset, width, value);
    }

    /// <inheritdoc/>
    public bool TryRead(ulong address, Span<byte> destination)
    {
        if (destination.IsEmpty) return true;
        using (_lock.EnterScope())
        {
            if (TryCopyOut(address, destination, MemoryProtection.Read)) return true;
            if (Find(address)?.Region is null) return false;
        }

        // The kernel may copy from a mapped BAR as from any user memory: byte by byte here, since widths are its own.
        for (int i = 0; i < destination.Length; i++)
        {
            if (Load(unchecked(address + (ulong)i), 1, out ulong value) != MemoryFault.None) return false;
            destination[i] = (byte)value;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty) return true;
        using (_lock.EnterScope())
        {
            if (TryCopyIn(address, source, MemoryProtection.Write)) return true;
            if (Find(address)?.Region is null) return false;
        }

        for (int i = 0; i < source.Length; i++)
        {
            if (Store(unchecked(address + (ulong)i), 1, source[i]) != MemoryFault.None) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public IPinnedMemory? Pin(ulong address, ulong length, bool forWriting)
    {
        MemoryProtection needed = forWriting ? MemoryProtection.Write : MemoryProtection.Read;
        List<PinnedSegment>? segments = null;
        using (_lock.EnterScope())
        {
            ulong done = 0;
            while (done < length)
            {
                MemoryArea? area = Find(unchecked(address + done));
                if (area is null || (area.Protection & needed) == 0) break;
                ulong offset = area.OffsetOf(address + done);
                ulong count = Math.Min(area.End - (address + done), length - done);
                if (area.Backing is { } backing && offset + count > backing.Length)
                {
                    // Beyond the end of a memfd: no page there (SIGBUS for the process, EFAULT for the pin).
                    count = backing.Length > offset ? backing.Length - offset : 0;
                    if (count == 0) break;
                    length = done + count;
                }

                area.Backing?.Acquire();
                (segments ??= []).Add(new PinnedSegment(done, count, area.Backing, offset, area.Region, area.Kind == MemoryKind.Huge));
                done += count;
            }
        }

        return segments is null ? null : new PinnedAreaMemory([.. segments]);
    }

    /// <summary>fork: private memory copied, shared memory and device regions shared.</summary>
    internal AddressSpace Fork()
    {
        var child = new AddressSpace(PageSize);
        using (_lock.EnterScope())
        {
            child._hasGaps = _hasGaps;
            foreach (MemoryArea area in _areas) child._areas.Add(area.ForkCopy());
        }

        return child;
    }

    /// <summary>Unmaps everything, as exit does.</summary>
    public void Dispose()
    {
        MemoryArea[] all;
        using (_lock.EnterScope())
        {
            all = [.. _areas];
            _areas.Clear();
        }

        foreach (MemoryArea area in all) area.Drop();
    }

    private bool TryCopyOut(ulong address, Span<byte> destination, MemoryProtection needed)
    {
        while (!destination.IsEmpty)
        {
            MemoryArea? area = Find(address);
            if (area?.Backing is null || (area.Protection & needed) == 0) return false;
            int count = (int)Math.Min((ulong)destination.Length, area.End - address);
            if (!area.Backing.TryRead(area.OffsetOf(address), destination[..count])) return false;
            destination = destination[count..];
            address += (ulong)count;
        }

        return true;
    }

    private bool TryCopyIn(ulong address, ReadOnlySpan<byte> source, MemoryProtection needed)
    {
        while (!source.IsEmpty)
        {
            MemoryArea? area = Find(address);
            if (area?.Backing is null || (area.Protection & needed) == 0) return false;
            int count = (int)Math.Min((ulong)source.Length, area.End - address);
            if (!area.Backing.TryWrite(area.OffsetOf(address), source[..count])) return false;
            source = source[count..];
            address += (ulong)count;
        }

        return true;
    }

    private MemoryArea? Find(ulong address)
    {
        int i = FirstIndexEndingAfter(address);
        return i < _areas.Count && _areas[i].Start <= address ? _areas[i] : null;
    }

    private int FirstIndexEndingAfter(ulong address)
    {
        int low = 0, high = _areas.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_areas[middle].End > address) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private int IndexAfter(ulong address) => FirstIndexEndingAfter(address);

    private bool TryRoundUp(ulong length, out ulong rounded)
    {
        ulong mask = (ulong)PageSize - 1;
        rounded = unchecked(length + mask) & ~mask;
        return length == 0 || (rounded != 0 && rounded < TopAddress);
    }

    private bool TryRange(ulong address, ulong length, out ulong end)
    {
        end = 0;
        if (address % (ulong)PageSize != 0 || length == 0 || !TryRoundUp(length, out ulong size)) return false;
        end = unchecked(address + size);
        return end > address && end <= ((ICallerMemory)this).AddressLimit;
    }

    private KernelResult BadRange(string call, ulong address, ulong length) =>
        KernelResult.Fail(Errno.EINVAL, $"{call}: 0x{address:x}+0x{length:x} is empty, outside user space or not aligned to {PageSize}-byte pages");
}
