// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>copy_from_user and copy_to_user of the ABI's structs, and the refusals every ioctl shares. Allocates nothing on success.</summary>
internal static class UserMemory
{
    /// <summary>copy_from_user of a whole struct.</summary>
    public static bool TryRead<T>(Caller caller, ulong address, ref T value)
        where T : unmanaged => TryRead(caller, address, ref value, Unsafe.SizeOf<T>());

    /// <summary>copy_from_user of the first <paramref name="size"/> bytes of a struct; the rest stays as it is.</summary>
    public static bool TryRead<T>(Caller caller, ulong address, ref T value, int size)
        where T : unmanaged => caller.Memory.TryRead(address, MemoryMarshal.AsBytes(new Span<T>(ref value))[..size]);

    /// <summary>copy_to_user of a whole struct.</summary>
    public static bool TryWrite<T>(Caller caller, ulong address, in T value)
        where T : unmanaged => TryWrite(caller, address, in value, Unsafe.SizeOf<T>());

    /// <summary>copy_to_user of the first <paramref name="size"/> bytes of a struct.</summary>
    public static bool TryWrite<T>(Caller caller, ulong address, in T value, int size)
        where T : unmanaged => caller.Memory.TryWrite(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value))[..size]);

    /// <summary>EFAULT for an argument that cannot be read or written.</summary>
    public static KernelResult Fault(string call, ulong address, int size) =>
        KernelResult.Fail(Errno.EFAULT, $"{call}: {size} bytes at 0x{address:x} are not accessible memory of the caller");

    /// <summary>EINVAL for an argsz below the struct's smallest size.</summary>
    public static KernelResult ShortArgument(string call, uint argsz, int smallest) =>
        KernelResult.Fail(Errno.EINVAL, $"{call}: argsz {argsz} is less than the {smallest} bytes of the struct");
}
