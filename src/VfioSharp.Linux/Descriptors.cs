// SPDX-License-Identifier: MIT
using System.Text;

namespace VfioSharp.Linux;

/// <summary>How a file is opened, with Linux's values (O_*; x86 and generic).</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,

    /// <summary>O_NONBLOCK.</summary>
    NonBlocking = 0x800,

    /// <summary>O_NOFOLLOW: a symbolic link at the end is not followed.</summary>
    NoFollow = 0x20000,

    /// <summary>O_DIRECTORY: ENOTDIR unless it is a folder.</summary>
    Folder = 0x10000,

    /// <summary>O_CLOEXEC: the descriptor does not survive exec.</summary>
    CloseOnExec = 0x80000,

    /// <summary>O_PATH: names a place, gives no access.</summary>
    PathOnly = 0x200000,
}

/// <summary>What identifies an open file's inode, and its size.</summary>
/// <param name="DeviceMajor">Major number of the file system's device.</param>
/// <param name="DeviceMinor">Minor number of the file system's device.</param>
/// <param name="Inode">Inode number on it.</param>
public readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode);

/// <summary>The file calls, on plain descriptor numbers: who opened one closes it.</summary>
public static unsafe class Descriptors
{
    private const int AtFdCwd = -100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasic = 0x7ff;

    // include/uapi/linux/limits.h: PATH_MAX.
    private const int PathMax = 4096;

    /// <summary>open(2); the value is a descriptor.</summary>
    public static SyscallResult Open(string path, OpenFlags flags) =>
        SyscallResult.FromLibc(Interop.Open(path, (int)flags, 0));

    /// <summary>open(2) into an owned descriptor.</summary>
    public static SyscallResult Open(string path, OpenFlags flags, out SafeDescriptor? descriptor) =>
        Own(Open(path, flags), out descriptor);

    /// <summary>close(2).</summary>
    public static SyscallResult Close(int descriptor) => SyscallResult.FromLibc(Interop.Close(descriptor));

    /// <summary>read(2).</summary>
    public static SyscallResult Read(int descriptor, Span<byte> buffer)
    {
        // SAFETY: the span is pinned for the call, and its own length bounds what the kernel writes.
        fixed (byte* start = buffer) return SyscallResult.FromLibc(Interop.Read(descriptor, start, (nuint)buffer.Length));
    }

    /// <summary>write(2).</summary>
    public static SyscallResult Write(int descriptor, ReadOnlySpan<byte> buffer)
    {
        // SAFETY: the span is pinned for the call, and its own length bounds what the kernel reads.
        fixed (byte* start = buffer) return SyscallResult.FromLibc(Interop.Write(descriptor, start, (nuint)buffer.Length));
    }

    /// <summary>pread(2).</summary>
    public static SyscallResult ReadAt(int descriptor, Span<byte> buffer, ulong offset)
    {
        // SAFETY: as Read.
        fixed (byte* start = buffer) return SyscallResult.FromLibc(Interop.PRead(descriptor, start, (nuint)buffer.Length, (long)offset));
    }

    /// <summary>pwrite(2).</summary>
    public static SyscallResult WriteAt(int descriptor, ReadOnlySpan<byte> buffer, ulong offset)
    {
        // SAFETY: as Write.
        fixed (byte* start = buffer) return SyscallResult.FromLibc(Interop.PWrite(descriptor, start, (nuint)buffer.Length, (long)offset));
    }

    /// <summary>ftruncate(2).</summary>
    public static SyscallResult Resize(int descriptor, ulong length) => SyscallResult.FromLibc(Interop.FTruncate(descriptor, (long)length));

    /// <summary>fallocate(2) with FALLOC_FL_KEEP_SIZE: zeroed pages, also beyond the file's end, which stays.</summary>
    public static SyscallResult Allocate(int descriptor, ulong offset, ulong length)
    {
        const int KeepSize = 1;
        return SyscallResult.FromLibc(Interop.FAllocate(descriptor, KeepSize, (long)offset, (long)length));
    }

    /// <summary>ioctl(2) whose argument is a number or an address the caller vouches for.</summary>
    public static SyscallResult Ioctl(int descriptor, uint request, ulong argument) =>
        SyscallResult.FromLibc(Interop.Ioctl(descriptor, request, (nuint)argument));

    /// <summary>
    /// ioctl(2) on a struct. The struct's own size fields (argsz) tell the kernel how much it may touch: they must
    /// not exceed the span.
    /// </summary>
    public static SyscallResult Ioctl(int descriptor, uint request, Span<byte> argument)
    {
        // SAFETY: pinned for the call; the size fields inside are the caller's promise, as documented.
        fixed (byte* start = argument) return SyscallResult.FromLibc(Interop.Ioctl(descriptor, request, (nuint)start));
    }

    /// <summary>readlink(2).</summary>
    public static SyscallResult ReadLink(string path, out string? target)
    {
        byte* buffer = stackalloc byte[PathMax];
        // SAFETY: the buffer is PathMax bytes of this frame, which is what the call is told.
        SyscallResult result = SyscallResult.FromLibc(Interop.ReadLink(path, buffer, PathMax));
        target = result.IsError ? null : Encoding.UTF8.GetString(buffer, (int)result.Value);
        return result;
    }

    /// <summary>Which inode an open descriptor has.</summary>
    public static SyscallResult Identify(int descriptor, out FileIdentity identity, out ulong size) =>
        Identify(descriptor, [0], AtEmptyPath, out identity, out size);

    /// <summary>
    /// Which inode a name below an open folder has; a symbolic link is followed. <paramref name="name"/> ends with
    /// a NUL byte.
    /// </summary>
    public static SyscallResult IdentifyAt(int folder, ReadOnlySpan<byte> name, out FileIdentity identity)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(name.IsEmpty ? -1 : name[^1], 0, nameof(name));
        return Identify(folder, name, 0, out identity, out _);
    }

    /// <summary>Which inode a path names; a symbolic link is followed.</summary>
    public static SyscallResult Identify(string path, out FileIdentity identity, out ulong size) =>
        Identify(AtFdCwd, Encoding.UTF8.GetBytes(path + '\0'), 0, out identity, out size);

    /// <summary>Whether a path names a regular file (S_IFREG); a symbolic link is followed.</summary>
    public static bool IsRegularFile(string path)
    {
        const int TypeMask = 0xf000;
        const int Regular = 0x8000;
        Statx statx = default;
        SyscallResult result;
        // SAFETY: the path is NUL-terminated and pinned; statx is of the size the kernel fills (256 bytes).
        fixed (byte* start = Encoding.UTF8.GetBytes(path + '\0'))
            result = SyscallResult.FromLibc(Interop.Statx(AtFdCwd, start, 0, StatxBasic, &statx));
        return !result.IsError && (statx.Mode & TypeMask) == Regular;
    }

    /// <summary>statx(2) of an open descriptor, all basic fields: 256 bytes, as the kernel lays them out.</summary>
    public static SyscallResult ReadStatus(int descriptor, Span<byte> status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status.Length, sizeof(Statx), nameof(status));
        byte nothing = 0;
        // SAFETY: the path is empty, in this frame; the span is pinned and at least as long as the kernel fills.
        fixed (byte* start = status) return SyscallResult.FromLibc(Interop.Statx(descriptor, &nothing, AtEmptyPath, StatxBasic, (Statx*)start));
    }

    /// <summary>Whether the descriptor number is open in this process.</summary>
    public static bool IsOpen(int descriptor) => Interop.Fcntl(descriptor, 1, 0) >= 0;

    /// <summary>pipe2(2), both ends closed on exec.</summary>
    public static SyscallResult CreatePipe(out SafeDescriptor? reader, out SafeDescriptor? writer)
    {
        int* ends = stackalloc int[2];
        // SAFETY: two numbers are written, of this frame.
        SyscallResult made = SyscallResult.FromLibc(Interop.Pipe(ends, (int)OpenFlags.CloseOnExec));
        reader = made.IsError ? null : new SafeDescriptor(ends[0]);
        writer = made.IsError ? null : new SafeDescriptor(ends[1]);
        return made;
    }

    /// <summary>Takes ownership of a descriptor that a call returned.</summary>
    internal static SyscallResult Own(SyscallResult result, out SafeDescriptor? descriptor)
    {
        descriptor = result.IsError ? null : new SafeDescriptor((int)result.Value);
        return result;
    }

    private static SyscallResult Identify(int folder, ReadOnlySpan<byte> name, int flags, out FileIdentity identity, out ulong size)
    {
        Statx statx = default;
        SyscallResult result;
        // SAFETY: name is NUL-terminated and pinned; statx is of the size the kernel fills (256 bytes).
        fixed (byte* path = name) result = SyscallResult.FromLibc(Interop.Statx(folder, path, flags, StatxBasic, &statx));
        identity = new FileIdentity(statx.DeviceMajor, statx.DeviceMinor, statx.Inode);
        size = statx.Size;
        return result;
    }
}
