// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>Pages mapped into this process; unmapped once, by Dispose or the finalizer.</summary>
public sealed unsafe class MappedMemory : SafeHandle
{
    private const int MapShared = 1;
    private const int MapPrivate = 2;
    private const int MapAnonymous = 0x20;

    private MappedMemory(nint address, ulong length)
        : base(-1, ownsHandle: true)
    {
        SetHandle(address);
        Length = length;
    }

    /// <summary>The system's page size in bytes (_SC_PAGESIZE).</summary>
    public static int PageSize { get; } = (int)Interop.SysConf(30);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>Length in bytes.</summary>
    public ulong Length { get; }

    /// <summary>The first byte.</summary>
    public byte* Start => (byte*)handle;

    /// <summary>Maps part of a file, shared. <paramref name="protection"/> is PROT_* bits.</summary>
    public static SyscallResult MapFile(int descriptor, ulong offset, ulong length, int protection, out MappedMemory? memory) =>
        Map(length, protection, MapShared, descriptor, (long)offset, out memory);

    /// <summary>Maps zeroed memory of this process alone, readable and writable.</summary>
    public static SyscallResult MapAnonymousMemory(ulong length, out MappedMemory? memory) =>
        Map(length, 3, MapPrivate | MapAnonymous, -1, 0, out memory);

    // SAFETY: address and length are those that mmap gave, and a SafeHandle is released once.
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Interop.MUnmap(handle, (nuint)Length) == 0;

    private static SyscallResult Map(ulong length, int protection, int flags, int descriptor, long offset, out MappedMemory? memory)
    {
        SyscallResult result = SyscallResult.FromLibc(Interop.MMap(0, (nuint)length, protection, flags, descriptor, offset));
        memory = result.IsError ? null : new MappedMemory((nint)result.Value, length);
        return result;
    }
}
