// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts;

/// <summary>
/// Memory of the scripted process that the runner itself uses: a place for ioctl structures, and a large buffer
/// for what the kernel returns. Both stand in the process, so that the host copies from and to user addresses.
/// </summary>
internal sealed class ScratchMemory
{
    /// <summary>Bytes of the buffer.</summary>
    public const int BufferLength = 1 << 16;

    private const int StructureLength = 1 << 14;

    private readonly SoftwareProcess _process;

    private ScratchMemory(SoftwareProcess process, ulong structure)
    {
        _process = process;
        Structure = structure;
    }

    /// <summary>Where ioctl structures are put.</summary>
    public ulong Structure { get; }

    /// <summary>The buffer.</summary>
    public ulong Buffer => Structure + StructureLength;

    /// <summary>Maps scratch memory into a process.</summary>
    public static ScratchMemory In(SoftwareProcess process)
    {
        // A page below that nobody can use: what the script maps next is not to be seen as one with this.
        ulong page = (ulong)process.PageSize;
        KernelResult mapped = process.MapAnonymous(page + StructureLength + BufferLength, page, MemoryProtection.ReadWrite, MemoryKind.Private);
        if (mapped.IsError)
            throw new InvalidOperationException($"a new process has no room for {StructureLength + BufferLength} bytes: {mapped}");
        process.Protect((ulong)mapped.Value, page, MemoryProtection.None);
        return new ScratchMemory(process, (ulong)mapped.Value + page);
    }

    /// <summary>The same addresses in a forked process.</summary>
    public ScratchMemory For(SoftwareProcess forked) => new(forked, Structure);

    /// <summary>Zeroes the start of the buffer.</summary>
    public void ClearBuffer(int length) => Write(Buffer, new byte[length]);

    /// <summary>The start of the buffer.</summary>
    public byte[] ReadBuffer(int length) => Read(Buffer, length);

    /// <summary>An ioctl on a structure in the process's memory: copied in, and what the host wrote copied back.</summary>
    public KernelResult Ioctl<T>(int descriptor, uint request, ref T argument) where T : unmanaged =>
        Ioctl(descriptor, request, MemoryMarshal.AsBytes(new Span<T>(ref argument)));

    /// <summary>An ioctl on bytes in the process's memory: copied in, and what the host wrote copied back.</summary>
    public KernelResult Ioctl(int descriptor, uint request, Span<byte> argument)
    {
        Write(Structure, argument);
        KernelResult result = _process.Ioctl(descriptor, request, Structure);
        Read(Structure, argument.Length).CopyTo(argument);
        return result;
    }

    /// <summary>Puts bytes into scratch memory.</summary>
    public void Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!_process.Memory.TryWrite(address, bytes)) throw Gone(address);
    }

    /// <summary>Takes bytes from scratch memory.</summary>
    public byte[] Read(ulong address, int length)
    {
        byte[] bytes = new byte[length];
        if (!_process.Memory.TryRead(address, bytes)) throw Gone(address);
        return bytes;
    }

    // A script can unmap any address it can compute; this one it cannot name.
    private static InvalidOperationException Gone(ulong address) => new($"the script unmapped the runner's own memory at 0x{address:x}");
}
