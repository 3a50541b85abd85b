// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Files;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>
/// Finds what stands behind a mapping of a host file in a real process: such a file is an inode there.
/// Null when the inode is not the host's, or nothing answers at that place.
/// </summary>
/// <param name="file">The mapped inode.</param>
/// <param name="offset">Offset in it.</param>
/// <param name="length">Length in bytes.</param>
/// <param name="isDevice">Whether the inode is the host's at all.</param>
public delegate IMappedRegion? DeviceMemoryLookup(FileIdentity file, ulong offset, ulong length, out bool isDevice);

/// <summary>
/// Memory of a real process, this one or another, by the kernel's own checks: process_vm_readv and process_vm_writev
/// for calls, /proc/PID/mem or the backing shared file for DMA.
/// </summary>
/// <remarks>
/// It stands for one mm: after the process has called exec, the new program's memory is another object's.
/// One difference from the kernel: private memory is reached by address at the time of each DMA, not pinned. Pages
/// that the process replaces (munmap, then mmap at the same place) are the new ones to a device here, and the old ones
/// on the kernel. Shared memory is reached by its file, and stays as it was.
/// </remarks>
public sealed class ProcessMemory : ICallerMemory, IDisposable
{
    private readonly SafeDescriptor _memory;
    private readonly MappedAreas _areas;
    private readonly SharedFileCache _files;
    private readonly DeviceMemoryLookup? _devices;

    private ProcessMemory(int process, SafeDescriptor memory, MappedAreas areas, DeviceMemoryLookup? devices)
    {
        Thread = process;
        _memory = memory;
        _areas = areas;
        _files = new SharedFileCache(process);
        _devices = devices;
    }

    /// <summary>A thread of the process that lives: whose calls are served. Its leader at first.</summary>
    public int Thread { get; set; }

    /// <inheritdoc/>
    public int PageSize => MappedMemory.PageSize;

    /// <summary>
    /// Whether the memory is gone: the process ended, or runs another program since
    /// (fs/proc/base.c: mem_rw returns 0 when no task holds the mm).
    /// </summary>
    public bool IsGone
    {
        get
        {
            Span<byte> one = stackalloc byte[1];
            return Descriptors.ReadAt(_memory.Number, one, 0).Value == 0;
        }
    }

    /// <summary>Opens a process's memory. ENOENT or ESRCH: it is gone; EACCES, EPERM: it may not be looked at.</summary>
    public static SyscallResult Open(int process, DeviceMemoryLookup? devices, out ProcessMemory? memory)
    {
        memory = null;
        SyscallResult opened = Descriptors.Open(
            string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/mem"),
            OpenFlags.ReadWrite | OpenFlags.CloseOnExec,
            out SafeDescriptor? descriptor);
        if (descriptor is null) return opened;
        opened = MappedAreas.Open(process, out MappedAreas? areas);
        if (areas is null)
        {
            descriptor.Dispose();
            return opened;
        }

        memory = new ProcessMemory(process, descriptor, areas, devices);
        return opened;
    }

    /// <inheritdoc/>
    public bool TryRead(ulong address, Span<byte> destination) =>
        destination.IsEmpty || ProcessMemoryAccess.Read(Thread, address, destination).Value == destination.Length;

    /// <inheritdoc/>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> source) =>
        source.IsEmpty || ProcessMemoryAccess.Write(Thread, address, source).Value == source.Length;

    /// <inheritdoc/>
    public IPinnedMemory? Pin(ulong address, ulong length, bool forWriting)
    {
        List<ProcessSegment> segments = [];
        ulong done = 0;
        while (done < length)
        {
            ulong at = unchecked(address + done);
            if (at < address || !_areas.TryFind(at, out MappedArea area)) break;
            // mm/gup.c: check_vma_flags. A write pin asks for VM_WRITE only, a read pin for VM_READ.
            if (!(forWriting ? area.Writable : area.Readable)) break;
            ulong here = Math.Min(area.End - at, length - done);
            if (!TryMakeSegment(area, at, here, done, forWriting, out ProcessSegment? segment)) break;
            segments.Add(segment!);
            done += segment!.Length;
            if (segment.Length < here) break;
        }

        return segments.Count == 0 ? null : new PinnedProcessMemory([.. segments]);
    }

    /// <summary>The mapping that covers an address; false when there is none.</summary>
    public bool TryFindArea(ulong address, out MappedArea area) => _areas.TryFind(address, out area);

    /// <summary>The process is gone or runs another program: what is still pinned reads as gone.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        _areas.Dispose();
    }

    private bool TryMakeSegment(in MappedArea area, ulong at, ulong length, ulong offset, bool forWriting, out ProcessSegment? segment)
    {
        segment = null;
        ulong fileOffset = at - area.Start + area.FileOffset;
        if (area.File.Inode != 0 && _devices is not null)
        {
            IMappedRegion? region = _devices(area.File, fileOffset, length, out bool isDevice);
            if (region is not null) segment = new DeviceSegment(offset, length, region);
            if (isDevice) return segment is not null;
        }

        if (area.Shared && area.File.Inode != 0 && _files.TryOpen(area, forWriting, out SharedFile? file))
        {
            // Pages beyond the end of the file cannot be pinned.
            ulong end = (file!.Size + (ulong)PageSize - 1) & ~((ulong)PageSize - 1);
            ulong there = end <= fileOffset ? 0 : Math.Min(length, end - fileOffset);
            if (there != 0) segment = new SharedFileSegment(offset, there, file, fileOffset);
            else file.Release();
            return segment is not null;
        }

        segment = new PrivateSegment(offset, length, _memory, at);
        return true;
    }
}
