// SPDX-License-Identifier: MIT
using System.Buffers.Binary;

namespace VfioSharp.Linux;

/// <summary>eventfd(2) and waiting for one.</summary>
public static class EventDescriptor
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    /// <summary>A new eventfd, close-on-exec, non-blocking; the value is its descriptor.</summary>
    public static SyscallResult Create(uint initial) =>
        SyscallResult.FromLibc(Interop.EventFd(initial, CloseOnExec | NonBlocking));

    /// <summary>Adds to the count. EAGAIN when the count would overflow.</summary>
    public static SyscallResult Signal(int descriptor, ulong count)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(value, count);
        return Descriptors.Write(descriptor, value);
    }

    /// <summary>
    /// Takes the count of an event that somebody else made, without waiting even where its descriptor would: EAGAIN
    /// when it is zero.
    /// </summary>
    // SAFETY: the addresses taken are of this frame's variables, and nothing keeps them.
    public static unsafe SyscallResult TakeAtOnce(int descriptor, out ulong count)
    {
        const int NoWait = 8; // RWF_NOWAIT
        ulong value = 0;
        IoVector vector = new() { Base = (nuint)(&value), Length = sizeof(ulong) };
        // SAFETY: the vector names eight bytes of this frame.
        SyscallResult result = SyscallResult.FromLibc(Interop.PReadV2(descriptor, &vector, 1, -1, NoWait));
        count = value;
        return result;
    }

    /// <summary>Takes the count of an event that <see cref="Create"/> made, without waiting: EAGAIN when it is zero.</summary>
    public static SyscallResult Take(int descriptor, out ulong count)
    {
        Span<byte> value = stackalloc byte[8];
        SyscallResult result = Descriptors.Read(descriptor, value);
        count = result.IsError ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(value);
        return result;
    }
}
