// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>Why a traced thread stopped.</summary>
public enum TraceStop
{
    /// <summary>A signal is about to be delivered.</summary>
    Signal,

    /// <summary>Job control stopped the whole process.</summary>
    Group,

    /// <summary>A new thread or child, or a stop that says nothing.</summary>
    Event,

    /// <summary>It ended by itself.</summary>
    Exited,

    /// <summary>A signal ended it.</summary>
    Killed,
}

/// <summary>What a wait for traced threads found.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="Kind">What it did.</param>
/// <param name="Value">The signal, or the exit code.</param>
public readonly record struct TraceReport(int Thread, TraceStop Kind, int Value);

/// <summary>
/// ptrace(2) on x86-64: threads that stop when a signal reaches them. All of it belongs to the thread that seized: only
/// that one may wait for the tracees and command them.
/// </summary>
public static unsafe class Tracee
{
    private const nint PtraceNumber = 101;
    private const nint Wait4Number = 61;
    private const nint Continue = 7;
    private const nint GetRegisters = 12;
    private const nint SetRegisters = 13;
    private const nint GetSignal = 0x4202;
    private const nint GetRegisterSet = 0x4204;
    private const nint SetRegisterSet = 0x4205;
    private const nint Seize = 0x4206;
    private const nint Listen = 0x4208;
    private const nint ExtendedState = 0x202; // NT_X86_XSTATE

    // PTRACE_O_TRACEFORK, VFORK, CLONE: what they start is traced too; EXITKILL: they die with the tracer.
    private const nint Options = 0x2 | 0x4 | 0x8 | 0x100000;

    private const int WaitAll = 0x40000000; // __WALL
    private const int OwnOnly = 0x20000000; // __WNOTHREAD
    private const int EventStop = 128;

    /// <summary>Seizes all threads of a process, also those that it starts meanwhile. EPERM: it may not be traced.</summary>
    public static SyscallResult SeizeProcess(int process)
    {
        HashSet<int> seized = [];
        bool found;
        do
        {
            found = false;
            foreach (int thread in Threads(process))
            {
                if (!seized.Add(thread)) continue;
                SyscallResult result = Call(Seize, thread, 0, Options);

                // It ended meanwhile, or came to us already from a thread that was seized before.
                if (result.IsError && result.Errno is not (Errno.ESRCH or Errno.EPERM)) return result;
                if (result.Errno == Errno.EPERM && seized.Count == 1) return result;
                found = true;
            }
        }
        while (found);
        return SyscallResult.Ok(seized.Count);
    }

    /// <summary>Waits for one of this thread's tracees. ECHILD: there is none left.</summary>
    public static SyscallResult Wait(out TraceReport report)
    {
        int status = 0;
        report = default;

        // SAFETY: status lives in this frame; no rusage is asked for.
        SyscallResult waited = SyscallResult.FromLibc(Interop.Syscall(Wait4Number, -1, (nint)(&status), WaitAll | OwnOnly, 0, 0));
        if (waited.IsError) return waited;
        int thread = (int)waited.Value, signal = status & 0x7f, stop = status >> 8 & 0xff, stopEvent = status >> 16;
        report = signal switch
        {
            0 => new TraceReport(thread, TraceStop.Exited, stop),
            not 0x7f => new TraceReport(thread, TraceStop.Killed, signal),
            _ when stopEvent == 0 => new TraceReport(thread, TraceStop.Signal, stop),
            // SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU.
            _ when stopEvent == EventStop && stop is 19 or 20 or 21 or 22 => new TraceReport(thread, TraceStop.Group, stop),
            _ => new TraceReport(thread, TraceStop.Event, stopEvent),
        };
        return waited;
    }

    /// <summary>Lets a stopped thread go on; with a signal, that is delivered.</summary>
    public static SyscallResult Resume(int thread, int signal) => Call(Continue, thread, 0, signal);

    /// <summary>Leaves a thread stopped by job control, until SIGCONT.</summary>
    public static SyscallResult StayStopped(int thread) => Call(Listen, thread, 0, 0);

    /// <summary>The code and the address of the signal that stopped a thread (siginfo_t).</summary>
    public static SyscallResult ReadSignal(int thread, out int code, out ulong address)
    {
        byte* information = stackalloc byte[128];

        // SAFETY: siginfo_t is 128 bytes; si_code is at 8, si_addr at 16.
        SyscallResult result = Call(GetSignal, thread, 0, (nint)information);
        code = *(int*)(information + 8);
        address = *(ulong*)(information + 16);
        return result;
    }

    /// <summary>Reads the general registers.</summary>
    public static SyscallResult Read(int thread, out GeneralRegisters registers)
    {
        // SAFETY: pinned for the call; the struct has the layout and size of user_regs_struct.
        fixed (GeneralRegisters* at = &registers)
        {
            *at = default;
            return Call(GetRegisters, thread, 0, (nint)at);
        }
    }

    /// <summary>Writes the general registers.</summary>
    public static SyscallResult Write(int thread, in GeneralRegisters registers)
    {
        // SAFETY: as above; the kernel only reads.
        fixed (GeneralRegisters* at = &registers)
        {
            return Call(SetRegisters, thread, 0, (nint)at);
        }
    }

    /// <summary>Reads the extended state (XSAVE area, standard format); the value is its length.</summary>
    public static SyscallResult ReadExtended(int thread, Span<byte> state) => Extended(GetRegisterSet, thread, state);

    /// <summary>Writes the extended state, as long as it was read.</summary>
    public static SyscallResult WriteExtended(int thread, Span<byte> state) => Extended(SetRegisterSet, thread, state);

    private static SyscallResult Extended(nint request, int thread, Span<byte> state)
    {
        // SAFETY: the vector (struct iovec) names the span, which is pinned for the call.
        fixed (byte* at = state)
        {
            nint* vector = stackalloc nint[2];
            vector[0] = (nint)at;
            vector[1] = state.Length;
            SyscallResult result = Call(request, thread, ExtendedState, (nint)vector);
            return result.IsError ? result : SyscallResult.Ok(vector[1]);
        }
    }

    private static SyscallResult Call(nint request, int thread, nint address, nint data) =>
        SyscallResult.FromLibc(Interop.Syscall(PtraceNumber, request, thread, address, data, 0));

    private static List<int> Threads(int process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"))
                .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return []; // It ended meanwhile.
        }
    }
}

/// <summary>x86-64's general registers (sys/user.h: struct user_regs_struct).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GeneralRegisters
{
    /// <summary>r15.</summary>
    public ulong R15;

    /// <summary>r14.</summary>
    public ulong R14;

    /// <summary>r13.</summary>
    public ulong R13;

    /// <summary>r12.</summary>
    public ulong R12;

    /// <summary>rbp.</summary>
    public ulong Rbp;

    /// <summary>rbx.</summary>
    public ulong Rbx;

    /// <summary>r11.</summary>
    public ulong R11;

    /// <summary>r10.</summary>
    public ulong R10;

    /// <summary>r9.</summary>
    public ulong R9;

    /// <summary>r8.</summary>
    public ulong R8;

    /// <summary>rax.</summary>
    public ulong Rax;

    /// <summary>rcx.</summary>
    public ulong Rcx;

    /// <summary>rdx.</summary>
    public ulong Rdx;

    /// <summary>rsi.</summary>
    public ulong Rsi;

    /// <summary>rdi.</summary>
    public ulong Rdi;

    /// <summary>The system call's number, or -1.</summary>
    public ulong OriginalRax;

    /// <summary>rip.</summary>
    public ulong Rip;

    /// <summary>cs.</summary>
    public ulong Cs;

    /// <summary>rflags.</summary>
    public ulong Flags;

    /// <summary>rsp.</summary>
    public ulong Rsp;

    /// <summary>ss.</summary>
    public ulong Ss;

    /// <summary>Base of fs.</summary>
    public ulong FsBase;

    /// <summary>Base of gs.</summary>
    public ulong GsBase;

    /// <summary>ds.</summary>
    public ulong Ds;

    /// <summary>es.</summary>
    public ulong Es;

    /// <summary>fs.</summary>
    public ulong Fs;

    /// <summary>gs.</summary>
    public ulong Gs;
}
