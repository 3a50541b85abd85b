// SPDX-License-Identifier: MIT
namespace VfioSharp.Kernel;

/// <summary>How a file is opened.</summary>
public enum OpenMode
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly,

    /// <summary>O_WRONLY.</summary>
    WriteOnly,

    /// <summary>O_RDWR.</summary>
    ReadWrite,
}

/// <summary>Protection of a mapping (PROT_*), with the kernel's bit values.</summary>
[Flags]
public enum MemoryProtection
{
    /// <summary>PROT_NONE.</summary>
    None = 0,

    /// <summary>PROT_READ.</summary>
    Read = 1,

    /// <summary>PROT_WRITE.</summary>
    Write = 2,

    /// <summary>PROT_EXEC.</summary>
    Execute = 4,

    /// <summary>PROT_READ | PROT_WRITE.</summary>
    ReadWrite = Read | Write,
}

/// <summary>
/// The seam: what a VFIO user asks of a kernel, in the ABI's own structs. Behind it stand the real kernel
/// (<c>LinuxKernel</c>) and the software host in this process (<c>SoftwareKernel</c>).
/// </summary>
/// <remarks>
/// Descriptors are plain integers, as in the ABI's structs; whoever opened one closes it. All members may be
/// called from any thread. No member throws for a refused call: the answer is a <see cref="KernelResult"/>.
/// </remarks>
public interface IVfioKernel : IDisposable
{
    /// <summary>What this kernel is, for messages ("Linux", "software host x86").</summary>
    string Name { get; }

    /// <summary>The kernel's page size in bytes: the alignment of memory that is mapped for DMA.</summary>
    int PageSize { get; }

    /// <summary>Opens a node such as <c>/dev/vfio/vfio</c>; the value is a descriptor.</summary>
    KernelResult Open(string path, OpenMode mode);

    /// <summary>Closes a descriptor.</summary>
    KernelResult Close(int descriptor);

    /// <summary>An ioctl whose argument is a number, or an address in this kernel's view of the caller.</summary>
    KernelResult Ioctl(int descriptor, uint request, ulong argument);

    /// <summary>An ioctl whose argument is a struct: copied in, and what the kernel wrote copied back.</summary>
    KernelResult Ioctl(int descriptor, uint request, Span<byte> argument);

    /// <summary>pread: the value is the count of bytes read.</summary>
    KernelResult Read(int descriptor, Span<byte> buffer, ulong offset);

    /// <summary>pwrite: the value is the count of bytes written.</summary>
    KernelResult Write(int descriptor, ReadOnlySpan<byte> buffer, ulong offset);

    /// <summary>Maps part of a device region, shared. The mapping is the caller's to dispose.</summary>
    KernelResult Map(int descriptor, ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping);

    /// <summary>Anonymous zeroed memory, page-aligned, that can be mapped for DMA. The caller disposes it.</summary>
    KernelResult AllocateMemory(ulong length, out VfioMapping? memory);

    /// <summary>An eventfd; the value is its descriptor.</summary>
    KernelResult CreateEvent();

    /// <summary>Waits for an eventfd and takes its count; ETIMEDOUT after <paramref name="timeoutMilliseconds"/> (-1: for ever).</summary>
    KernelResult WaitEvent(int descriptor, int timeoutMilliseconds, out ulong count);

    /// <summary>
    /// Waits until one of several eventfds has a count, and leaves that count: the value is the position of the first
    /// such one. ETIMEDOUT after <paramref name="timeoutMilliseconds"/> (-1: for ever). One that is closed counts as ready.
    /// </summary>
    KernelResult WaitAnyEvent(ReadOnlySpan<int> descriptors, int timeoutMilliseconds);

    /// <summary>Adds to an eventfd's count.</summary>
    KernelResult SignalEvent(int descriptor, ulong count);

    /// <summary>The target of a symbolic link (sysfs).</summary>
    KernelResult ReadLink(string path, out string? target);

    /// <summary>The text of an attribute (sysfs).</summary>
    KernelResult ReadText(string path, out string? text);

    /// <summary>Writes an attribute (sysfs): bind, unbind, driver_override and the like. May block as the kernel's does.</summary>
    KernelResult WriteText(string path, string text);

    /// <summary>The names in a folder (sysfs), sorted.</summary>
    KernelResult ListNames(string path, out IReadOnlyList<string>? names);
}
