// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Callers;

/// <summary>
/// A caller's memory as the kernel side sees it: every address is hostile. There are three kinds:
/// <see cref="AddressSpace"/> (modelled, in this process), <c>ProcessMemory</c> of this process, and of another one.
/// </summary>
public interface ICallerMemory
{
    /// <summary>The caller's page size in bytes.</summary>
    int PageSize { get; }

    /// <summary>The end of user space: addresses from here on are never the caller's (access_ok).</summary>
    ulong AddressLimit => 0x7fff_ffff_f000;

    /// <summary>copy_from_user: false is EFAULT; then part of the destination may have been written.</summary>
    bool TryRead(ulong address, Span<byte> destination);

    /// <summary>copy_to_user: false is EFAULT; then part of the source may have arrived.</summary>
    bool TryWrite(ulong address, ReadOnlySpan<byte> source);

    /// <summary>
    /// Pins pages for DMA (pin_user_pages): as many whole pages from <paramref name="address"/> on as are there
    /// with the asked permission. Page-aligned address and length.
    /// </summary>
    /// <returns>What was pinned, possibly shorter than asked; null when the first page is not there.</returns>
    IPinnedMemory? Pin(ulong address, ulong length, bool forWriting);
}

/// <summary>
/// Caller memory held for DMA. It stays readable and writable until disposed, whatever the caller unmaps or
/// replaces meanwhile. Thread-safe for concurrent reads and writes; no method allocates.
/// </summary>
public interface IPinnedMemory : IDisposable
{
    /// <summary>Bytes pinned, from the address asked for.</summary>
    ulong Length { get; }

    /// <summary>
    /// Bytes of <see cref="Length"/> that count as locked memory. Device memory (a mapped BAR, VM_PFNMAP) does not.
    /// </summary>
    ulong AccountedLength { get; }

    /// <summary>Bytes from the start on that are ordinary pages: up to the first device memory.</summary>
    ulong PageBackedLength => AccountedLength == Length ? Length : 0;

    /// <summary>Whether a huge page (hugetlb) stands behind an offset.</summary>
    bool IsHugeAt(ulong offset) => false;

    /// <summary>Copies out; false when the memory is gone (its process exited) or is a BAR that does not answer.</summary>
    bool Read(ulong offset, Span<byte> destination);

    /// <summary>Copies in; false when the memory is gone.</summary>
    bool Write(ulong offset, ReadOnlySpan<byte> source);
}
