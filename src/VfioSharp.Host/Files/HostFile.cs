// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;

namespace VfioSharp.Host.Files;

/// <summary>
/// An open file of the host: a container, a group, a device. One class a kind, with its ioctls and nothing else.
/// Counted: each descriptor and each mapping holds a reference; the last one gone releases the file.
/// </summary>
public abstract class HostFile
{
    private int _references = 1;

    /// <summary>What the file is, for messages ("container", "group 15", "device 0000:03:00.0").</summary>
    public abstract string Description { get; }

    /// <summary>Which requests it has.</summary>
    public virtual VfioFileKind Kind => VfioFileKind.Other;

    /// <summary>Takes a reference (dup, fork, mmap).</summary>
    public void Acquire() => Interlocked.Increment(ref _references);

    /// <summary>Gives a reference back; the last one releases the file (fput).</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0) OnReleased();
    }

    /// <summary>An ioctl. <paramref name="argument"/> is a number or an address in the caller's memory.</summary>
    public abstract KernelResult Ioctl(Caller caller, uint request, ulong argument);

    /// <summary>pread into the caller's memory at <paramref name="address"/>; the value is the count.</summary>
    public virtual KernelResult Read(Caller caller, ulong address, ulong count, ulong offset) =>
        KernelResult.Fail(Errno.EINVAL, $"read: a {Description} descriptor cannot be read ({count} bytes at 0x{offset:x})");

    /// <summary>pwrite from the caller's memory at <paramref name="address"/>; the value is the count.</summary>
    public virtual KernelResult Write(Caller caller, ulong address, ulong count, ulong offset) =>
        KernelResult.Fail(Errno.EINVAL, $"write: a {Description} descriptor cannot be written ({count} bytes at 0x{offset:x})");

    /// <summary>mmap: what the caller's pages will show. The file must be acquired by whoever keeps the region.</summary>
    /// <param name="request">What is asked, lengths already rounded up to pages.</param>
    /// <param name="region">What backs the mapping, when the call succeeds.</param>
    public virtual KernelResult Map(in MapRequest request, out IMappedRegion? region)
    {
        region = null;
        return KernelResult.Fail(Errno.ENODEV, $"mmap: a {Description} descriptor cannot be mapped ({request.Length} bytes at 0x{request.Offset:x})");
    }

    /// <summary>The parts of it that are plain memory when mapped; null: none.</summary>
    public virtual FileMemory? Memory => null;

    /// <summary>The last reference is gone.</summary>
    protected abstract void OnReleased();
}

/// <summary>The arguments of mmap on a host file.</summary>
/// <param name="Offset">File offset in bytes, page-aligned.</param>
/// <param name="Length">Length in bytes, rounded up to pages.</param>
/// <param name="Protection">Protection asked for.</param>
/// <param name="Shared">MAP_SHARED.</param>
public readonly record struct MapRequest(ulong Offset, ulong Length, MemoryProtection Protection, bool Shared);

/// <summary>
/// What stands behind a mapping of a host file: accesses of the caller arrive here. Thread-safe; offsets are from
/// the start of the mapping.
/// </summary>
public interface IMappedRegion
{
    /// <summary>A load of 1, 2, 4 or 8 bytes.</summary>
    MemoryFault Load(ulong offset, int width, out ulong value);

    /// <summary>A store of 1, 2, 4 or 8 bytes.</summary>
    MemoryFault Store(ulong offset, int width, ulong value);
}
