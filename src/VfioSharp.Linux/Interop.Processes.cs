// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>libc, process calls. Those without a wrapper in every libc go through syscall(2), by number.</summary>
internal static unsafe partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    [LibraryImport(Libc, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport(Libc, EntryPoint = "prlimit", SetLastError = true)]
    internal static partial int PrLimit(int process, int resource, LimitPair* replacement, LimitPair* current);

    [LibraryImport(Libc, EntryPoint = "waitid", SetLastError = true)]
    internal static partial int WaitId(int kind, int id, SignalInformation* information, int options);

    [LibraryImport(Libc, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int process, int signal);

    [LibraryImport(Libc, EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport(Libc, EntryPoint = "chdir", SetLastError = true)]
    internal static partial int ChangeFolder(byte* path);

    [LibraryImport(Libc, EntryPoint = "umask")]
    internal static partial uint SetFileModeMask(uint mask);

    [LibraryImport(Libc, EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport(Libc, EntryPoint = "pipe2", SetLastError = true)]
    internal static partial int Pipe(int* descriptors, int flags);

    // posix_spawn and its helpers return the error number itself.
    [LibraryImport(Libc, EntryPoint = "posix_spawnp")]
    internal static partial int PosixSpawnP(int* process, byte* program, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int PosixSpawnFileActionsInit(byte* actions);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int PosixSpawnFileActionsDestroy(byte* actions);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int PosixSpawnFileActionsAddDup2(byte* actions, int descriptor, int number);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_addclose")]
    internal static partial int PosixSpawnFileActionsAddClose(byte* actions, int descriptor);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_init")]
    internal static partial int PosixSpawnAttributesInit(byte* attributes);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int PosixSpawnAttributesDestroy(byte* attributes);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int PosixSpawnAttributesSetFlags(byte* attributes, short flags);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int PosixSpawnAttributesSetSignalMask(byte* attributes, byte* set);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int PosixSpawnAttributesSetSignalDefault(byte* attributes, byte* set);
}

/// <summary>struct rlimit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LimitPair
{
    public ulong Soft;
    public ulong Hard;
}

/// <summary>siginfo_t of SIGCHLD on 64-bit Linux; 128 bytes in all.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct SignalInformation
{
    [FieldOffset(8)]
    public int Code;

    [FieldOffset(16)]
    public int Process;

    [FieldOffset(24)]
    public int Status;
}
