// SPDX-License-Identifier: MIT
namespace VfioSharp.Linux;

/// <summary>A process by descriptor (pidfd): it never names another process, and is readable once all its threads ended.</summary>
public sealed unsafe class ProcessDescriptor : IDisposable
{
    // The same numbers on every architecture that has the unified table (asm-generic/unistd.h).
    private const nint PidfdSendSignalNumber = 424;
    private const nint PidfdOpenNumber = 434;
    private const nint PidfdGetfdNumber = 438;
    private const int WaitByPidfd = 3;
    private const int WaitExited = 4;

    private readonly SafeDescriptor _descriptor;

    private ProcessDescriptor(SafeDescriptor descriptor) => _descriptor = descriptor;

    /// <summary>The descriptor, for polling.</summary>
    public int Number => _descriptor.Number;

    /// <summary>pidfd_open(2) on a thread-group id. ESRCH when there is no such process.</summary>
    public static SyscallResult Open(int process, out ProcessDescriptor? descriptor)
    {
        SyscallResult opened = Descriptors.Own(SyscallResult.FromLibc(Interop.Syscall(PidfdOpenNumber, process, 0, 0, 0, 0)), out SafeDescriptor? own);
        descriptor = own is null ? null : new ProcessDescriptor(own);
        return opened;
    }

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => !Polling.Wait(Number, 0, out _).IsError;

    /// <summary>pidfd_getfd(2): a copy of one of the process's descriptors. EBADF when nothing is open there.</summary>
    public SyscallResult CopyDescriptor(int number, out SafeDescriptor? copy) =>
        Descriptors.Own(SyscallResult.FromLibc(Interop.Syscall(PidfdGetfdNumber, Number, number, 0, 0, 0)), out copy);

    /// <summary>Sends a signal.</summary>
    public SyscallResult Signal(int signal) =>
        SyscallResult.FromLibc(Interop.Syscall(PidfdSendSignalNumber, Number, signal, 0, 0, 0));

    /// <summary>Sends a signal to the process group of that number (kill(2) of its negative).</summary>
    public static SyscallResult SignalGroup(int group, int signal) => SyscallResult.FromLibc(Interop.Kill(-group, signal));

    /// <summary>Waits for a child's end and reaps it; the value is its exit code, or 128 + the signal that ended it.</summary>
    public SyscallResult WaitForExit()
    {
        // waitid alone would also take the stops of a child that another thread of this process traces.
        _ = Polling.Wait(Number, -1, out _);
        while (true)
        {
            SignalInformation information = default;
            // SAFETY: information is siginfo_t's full 128 bytes, in this frame.
            SyscallResult waited = SyscallResult.FromLibc(Interop.WaitId(WaitByPidfd, Number, &information, WaitExited));
            if (waited.Errno == Errno.EINTR) continue;
            if (waited.IsError) return waited;
            const int ExitedByItself = 1; // CLD_EXITED
            return SyscallResult.Ok(information.Code == ExitedByItself ? information.Status : 128 + information.Status);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();
}
