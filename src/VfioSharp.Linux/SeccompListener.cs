// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>A system call that waits for the supervisor (struct seccomp_notif).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SeccompNotification
{
    /// <summary>The notification's cookie.</summary>
    public ulong Id;

    /// <summary>The calling <em>thread</em>, as the supervisor's pid namespace numbers it.</summary>
    public int Thread;

    /// <summary>No flags are defined.</summary>
    public uint Flags;

    /// <summary>The system call's number.</summary>
    public int Number;

    /// <summary>AUDIT_ARCH_*.</summary>
    public uint Architecture;

    /// <summary>Where the call was made.</summary>
    public ulong InstructionPointer;

    /// <summary>First argument.</summary>
    public ulong Argument0;

    /// <summary>Second argument.</summary>
    public ulong Argument1;

    /// <summary>Third argument.</summary>
    public ulong Argument2;

    /// <summary>Fourth argument.</summary>
    public ulong Argument3;

    /// <summary>Fifth argument.</summary>
    public ulong Argument4;

    /// <summary>Sixth argument.</summary>
    public ulong Argument5;
}

/// <summary>seccomp user notification: the supervisor's end. Thread-safe but for <see cref="Receive"/>, which one thread calls.</summary>
public sealed unsafe class SeccompListener : IDisposable
{
    // include/uapi/linux/seccomp.h: SECCOMP_IOCTL_NOTIF_*.
    private const uint ReceiveRequest = 0xC0502100;
    private const uint SendRequest = 0xC0182101;
    private const uint IdValidRequest = 0x40082102;
    private const uint AddDescriptorRequest = 0x40182103;
    private const uint SetFlagsRequest = 0x40082104;
    private const uint SyncWakeUp = 1;
    private const uint ContinueFlag = 1;
    private const uint SetNumberFlag = 1;

    private readonly SafeDescriptor _descriptor;

    internal SeccompListener(SafeDescriptor descriptor)
    {
        _descriptor = descriptor;

        // Caller and receiver take turns: waking one where the other goes to sleep saves waking an idle processor.
        // Linux 6.6; before, the wake-ups are as the scheduler likes.
        _ = Descriptors.Ioctl(descriptor.Number, SetFlagsRequest, SyncWakeUp);
    }

    /// <summary>The descriptor, for polling: hung up when no filtered task is left (Linux 5.9).</summary>
    public int Number => _descriptor.Number;

    /// <summary>
    /// Waits for a call. ENOENT: its task died, or none is left (Linux 6.11; before, it waits for ever then).
    /// EINTR: a signal came.
    /// </summary>
    public SyscallResult Receive(out SeccompNotification notification)
    {
        // The kernel refuses a struct that is not zeroed.
        notification = default;
        fixed (SeccompNotification* start = &notification)
        {
            // SAFETY: the struct has the 80 bytes that the request's number says.
            return SyscallResult.FromLibc(Interop.Ioctl(_descriptor.Number, ReceiveRequest, (nuint)start));
        }
    }

    /// <summary>Answers a call with a value, or with an error when <paramref name="error"/> is one. ENOENT: its task died.</summary>
    public SyscallResult Answer(ulong id, long value, Errno error) =>
        Send(new Response { Id = id, Value = error == Errno.None ? value : 0, Error = -(int)error });

    /// <summary>Lets the kernel carry the call out as if nothing had been.</summary>
    public SyscallResult Continue(ulong id) => Send(new Response { Id = id, Flags = ContinueFlag });

    /// <summary>Whether the call still waits: what was read of its thread meanwhile was of the right thread.</summary>
    public bool IsValid(ulong id) =>
        // SAFETY: the kernel reads the eight bytes of id, a local of this frame.
        Interop.Ioctl(_descriptor.Number, IdValidRequest, (nuint)(&id)) == 0;

    /// <summary>
    /// Gives the calling process a copy of <paramref name="source"/> as descriptor <paramref name="number"/>, or, when
    /// that is negative, as its lowest free one. EMFILE when its table is full, EBADF when the number is above its limit.
    /// </summary>
    public SyscallResult AddDescriptor(ulong id, SafeDescriptor source, int number, bool closeOnExec)
    {
        AddDescriptorArgument argument = new()
        {
            Id = id,
            Flags = number < 0 ? 0 : SetNumberFlag,
            Source = (uint)source.Number,
            Number = number < 0 ? 0 : (uint)number,
            DescriptorFlags = closeOnExec ? 0x80000u : 0,
        };
        // SAFETY: the struct has the 24 bytes that the request's number says.
        return SyscallResult.FromLibc(Interop.Ioctl(_descriptor.Number, AddDescriptorRequest, (nuint)(&argument)));
    }

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();

    // A call may be answered by a thread that outlived the supervision: its task is gone then.
    private SyscallResult Send(Response response) => _descriptor.IsClosed
        ? SyscallResult.Fail(Errno.ENOENT)
        // SAFETY: the struct has the 24 bytes that the request's number says.
        : SyscallResult.FromLibc(Interop.Ioctl(_descriptor.Number, SendRequest, (nuint)(&response)));

    [StructLayout(LayoutKind.Sequential)]
    private struct Response
    {
        public ulong Id;
        public long Value;
        public int Error;
        public uint Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct AddDescriptorArgument
    {
        public ulong Id;
        public uint Flags;
        public uint Source;
        public uint Number;
        public uint DescriptorFlags;
    }
}
