// SPDX-License-Identifier: MIT
using System.Collections;
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>What a program is started with.</summary>
/// <param name="Command">Program (searched on PATH) and arguments.</param>
/// <param name="Environment">Variables added to, or replacing, this process's.</param>
/// <param name="Input">Its descriptor 0; null: this process's.</param>
/// <param name="Output">Its descriptor 1; null: this process's.</param>
/// <param name="Error">Its descriptor 2; null: this process's.</param>
public sealed record ChildProgramStart(
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string>? Environment = null,
    SafeHandle? Input = null,
    SafeHandle? Output = null,
    SafeHandle? Error = null)
{
    /// <summary>The file that is executed; null: the command's first word, searched on PATH.</summary>
    public string? File { get; init; }

    /// <summary>Whether it gets this process's environment, changed by <see cref="Environment"/>; else that alone.</summary>
    public bool InheritsEnvironment { get; init; } = true;

    /// <summary>Its working folder and umask; null: this process's. Only of a filtered start.</summary>
    public ProgramPlace? Place { get; init; }

    /// <summary>Whether it leads a process group of its own.</summary>
    public bool LeadsGroup { get; init; }

    /// <summary>Whether it leads a session of its own, without a terminal.</summary>
    public bool LeadsSession { get; init; }
}

/// <summary>Where a program starts.</summary>
/// <param name="Folder">Its working folder.</param>
/// <param name="FileModeMask">Its umask.</param>
public sealed record ProgramPlace(string Folder, int FileModeMask);

/// <summary>Starts programs by posix_spawn(3), optionally below a seccomp filter.</summary>
/// <remarks>
/// A filtered program is started from a thread of its own, which takes the filter and ends: the other threads stay
/// free of it. Between the filter and the program's start nothing managed is allocated or compiled: everything is
/// laid out before, in unmanaged memory, and the calls were made once without effect.
/// </remarks>
public static unsafe class ChildProgram
{
    private const nint SeccompNumberX64 = 317;
    private const nint SetModeFilter = 1;
    private const nint SpecAllow = 1 << 2;
    private const nint NewListener = 1 << 3;
    private const nint WaitKillable = 1 << 5;
    private const int SetNoNewPrivileges = 38;

    // POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK.
    private const short SpawnFlags = 0x04 | 0x08;
    private const short SpawnInOwnGroup = 0x02;
    private const short SpawnInOwnSession = 0x80;
    private const int CloneFs = 0x200;

    // Above what glibc (336, 80, 128) and musl need for posix_spawnattr_t, its actions, and sigset_t.
    private const int OpaqueBytes = 1024;
    private const int SignalSetBytes = 128;
    private const int SignalPipe = 13;

    /// <summary>Starts a program; the value is its process id. ENOENT when there is no such program.</summary>
    public static SyscallResult Start(ChildProgramStart start) => Start(start, null);

    /// <summary>
    /// Starts a program below <paramref name="filter"/>. EBUSY: this process is itself below a listener.
    /// EINVAL or ENOSYS: the kernel has no seccomp user notification.
    /// </summary>
    /// <param name="start">The program.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="listening">
    /// Gets the supervisor's end as soon as the filter stands, and has to begin receiving: a filter that catches exec
    /// catches the program's own. It owns the listener, also when the program then cannot be started.
    /// </param>
    /// <param name="filterRefused">Whether an error is the filter's, not the program's.</param>
    public static SyscallResult StartFiltered(
        ChildProgramStart start, BpfInstruction[] filter, Action<SeccompListener> listening, out bool filterRefused)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(listening);
        SyscallResult result = default;
        FilteredLaunch launch = new(filter);
        bool isPlaced = true;
        Thread thread = new(() =>
        {
            if (start.Place is { } place) result = Enter(place);
            isPlaced = !result.IsError;
            if (isPlaced) result = Start(start, launch);
        })
        { Name = "vfio run: launch" };
        thread.Start();
        SpinWait.SpinUntil(() => launch.Listener >= 0 || !thread.IsAlive);
        if (launch.Listener >= 0) listening(new SeccompListener(new SafeDescriptor(launch.Listener)));
        thread.Join();
        filterRefused = isPlaced && launch.Listener < 0;
        return result;
    }

    // This thread alone goes there: it ends with the start.
    private static SyscallResult Enter(ProgramPlace place)
    {
        SyscallResult apart = SyscallResult.FromLibc(Interop.Unshare(CloneFs));
        if (apart.IsError) return apart;
        _ = Interop.SetFileModeMask((uint)place.FileModeMask);
        // SAFETY: the path is NUL-terminated, and pinned for the call.
        fixed (byte* path = System.Text.Encoding.UTF8.GetBytes(place.Folder + '\0')) return SyscallResult.FromLibc(Interop.ChangeFolder(path));
    }

    private static SyscallResult Start(ChildProgramStart start, FilteredLaunch? launch)
    {
        // SAFETY: every block below lives until the arena is freed, after the program started or failed to; sizes are
        // those handed to the calls, or above what libc's opaque types need.
        using NativeArena arena = new();
        byte** arguments = arena.StringList(start.Command);
        byte** environment = arena.StringList(MergeEnvironment(start.Environment, start.InheritsEnvironment));
        byte* file = start.File is { } path ? arena.StringList([path])[0] : arguments[0];
        byte* actions = arena.Bytes(OpaqueBytes);
        byte* unused = arena.Bytes(OpaqueBytes);
        byte* attributes = arena.Bytes(OpaqueBytes);
        byte* none = arena.Bytes(SignalSetBytes);
        byte* pipeOnly = arena.Bytes(SignalSetBytes);
        byte* nothing = arena.Bytes(1);
        SocketFilterProgram program = new() { Length = (ushort)(launch?.Filter.Length ?? 0), Instructions = (nint)arena.Copy<BpfInstruction>(launch?.Filter) };

        _ = Interop.PosixSpawnFileActionsInit(actions);
        _ = Interop.PosixSpawnAttributesInit(attributes);
        Redirect(actions, start.Input, 0);
        Redirect(actions, start.Output, 1);
        Redirect(actions, start.Error, 2);
        // .NET ignores SIGPIPE and may block signals on this thread: the program starts with neither.
        pipeOnly[(SignalPipe - 1) / 8] = 1 << ((SignalPipe - 1) % 8);
        short flags = SpawnFlags;
        if (start.LeadsGroup) flags |= SpawnInOwnGroup;
        if (start.LeadsSession) flags |= SpawnInOwnSession;
        _ = Interop.PosixSpawnAttributesSetFlags(attributes, flags);
        _ = Interop.PosixSpawnAttributesSetSignalMask(attributes, none);
        _ = Interop.PosixSpawnAttributesSetSignalDefault(attributes, pipeOnly);

        int process = 0;
        SyscallResult filtered = SyscallResult.Ok(0);
        if (launch is not null)
        {
            // Once without effect, so that the stubs are compiled before the filter stands.
            _ = Interop.PosixSpawnFileActionsInit(unused);
            _ = Interop.PosixSpawnFileActionsAddClose(unused, 0);
            _ = Interop.PosixSpawnFileActionsDestroy(unused);
            _ = Interop.Syscall(SeccompNumberX64, -1, 0, 0, 0, 0);
            _ = Interop.PosixSpawnP(&process, nothing, actions, attributes, arguments, environment);
            filtered = SyscallResult.FromLibc(Interop.Prctl(SetNoNewPrivileges, 1, 0, 0, 0));
            nint listening = Interop.Syscall(SeccompNumberX64, SetModeFilter, NewListener | SpecAllow | WaitKillable, (nint)(&program), 0, 0);
            if (listening == -1 && (Errno)Marshal.GetLastPInvokeError() == Errno.EINVAL)
            {
                // Before Linux 5.19 there is no WAIT_KILLABLE_RECV: a signal may then interrupt a served call.
                listening = Interop.Syscall(SeccompNumberX64, SetModeFilter, NewListener | SpecAllow, (nint)(&program), 0, 0);
            }

            filtered = SyscallResult.FromLibc(listening);
            if (!filtered.IsError)
            {
                launch.Listener = (int)listening;
                // Were the child to hold it until its exec, a supervisor killed meanwhile would leave that exec waiting for ever.
                _ = Interop.PosixSpawnFileActionsAddClose(actions, (int)listening);
            }
        }

        int spawned = filtered.IsError ? 0 : Interop.PosixSpawnP(&process, file, actions, attributes, arguments, environment);
        _ = Interop.PosixSpawnFileActionsDestroy(actions);
        _ = Interop.PosixSpawnAttributesDestroy(attributes);
        GC.KeepAlive(start);
        if (filtered.IsError) return filtered;
        return spawned == 0 ? SyscallResult.Ok(process) : SyscallResult.Fail((Errno)spawned);
    }

    private static void Redirect(byte* actions, SafeHandle? from, int number)
    {
        if (from is not null) _ = Interop.PosixSpawnFileActionsAddDup2(actions, (int)from.DangerousGetHandle(), number);
    }

    private static List<string> MergeEnvironment(IReadOnlyDictionary<string, string>? added, bool inherits)
    {
        List<string> variables = [];
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            if (inherits && (added is null || !added.ContainsKey((string)entry.Key))) variables.Add($"{entry.Key}={entry.Value}");
        if (added is not null)
            foreach ((string name, string value) in added) variables.Add($"{name}={value}");
        return variables;
    }

    /// <summary>What the launching thread takes and tells.</summary>
    private sealed class FilteredLaunch(BpfInstruction[] filter)
    {
        private volatile int _listener = -1;

        public BpfInstruction[] Filter => filter;

        /// <summary>The listener's descriptor, once the filter stands.</summary>
        public int Listener
        {
            get => _listener;
            set => _listener = value;
        }
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SocketFilterProgram
    {
        public ushort Length;
        public nint Instructions;
    }
}
