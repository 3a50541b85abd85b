// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Host.Callers;

/// <summary>
/// A block of memory of this process that stands for a modelled process's pages. Counted: areas, memfds and pinned
/// ranges hold references, the last one frees it. Zeroed; the operating system commits pages when they are touched.
/// </summary>
internal sealed unsafe class MemoryBacking
{
    private static long s_liveBytes;

    private readonly byte* _start;
    private int _references = 1;

    private MemoryBacking(byte* start, ulong length)
    {
        _start = start;
        Length = length;
    }

    /// <summary>Bytes of all blocks not yet freed, for leak checks.</summary>
    internal static long LiveBytes => Interlocked.Read(ref s_liveBytes);

    /// <summary>Length in bytes.</summary>
    public ulong Length { get; }

    /// <summary>Allocates a block; null when the operating system has no room for it.</summary>
    public static MemoryBacking? TryAllocate(ulong length)
    {
        if (length > (ulong)nint.MaxValue) return null;
        try
        {
            // SAFETY: the block is private to this object; every access is checked against Length, and it is freed
            // only when the last reference is gone.
            var start = (byte*)NativeMemory.AllocZeroed((nuint)length);
            Interlocked.Add(ref s_liveBytes, (long)length);
            return new MemoryBacking(start, length);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Takes a reference; the caller holds one or the lock under which one is held.</summary>
    public void Acquire() => Interlocked.Increment(ref _references);

    /// <summary>Gives a reference back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;

        // SAFETY: nobody holds a reference any more, so nobody can read or write the block.
        NativeMemory.Free(_start);
        Interlocked.Add(ref s_liveBytes, -(long)Length);
    }

    /// <summary>Copies out; false beyond the end. The caller holds a reference.</summary>
    public bool TryRead(ulong offset, Span<byte> destination)
    {
        if (offset > Length || (ulong)destination.Length > Length - offset) return false;

        // SAFETY: the range was just checked, and the caller's reference keeps the block.
        new ReadOnlySpan<byte>(_start + offset, destination.Length).CopyTo(destination);
        return true;
    }

    /// <summary>Copies in; false beyond the end. The caller holds a reference.</summary>
    public bool TryWrite(ulong offset, ReadOnlySpan<byte> source)
    {
        if (offset > Length || (ulong)source.Length > Length - offset) return false;

        // SAFETY: the range was just checked, and the caller's reference keeps the block.
        source.CopyTo(new Span<byte>(_start + offset, source.Length));
        return true;
    }

    /// <summary>A block with the same bytes (fork of private memory); null when there is no room.</summary>
    public MemoryBacking? Clone()
    {
        MemoryBacking? copy = TryAllocate(Length);
        if (copy is null) return null;

        // SAFETY: both blocks are Length bytes long and referenced here.
        NativeMemory.Copy(_start, copy._start, (nuint)Length);
        return copy;
    }
}
