// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Linux;

/// <summary>memfd_create(2): files without a name, for handing out.</summary>
public static class MemoryFile
{
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int SealShrink = 2;

    // F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW.
    private const nint SealSize = 1 | 2 | 4;

    /// <summary>A new file of <paramref name="length"/> bytes, all holes, whose size nobody can change any more.</summary>
    public static SyscallResult Create(string name, ulong length, out SafeDescriptor? file)
    {
        SyscallResult created = Descriptors.Own(SyscallResult.FromLibc(Interop.MemfdCreate(name, CloseOnExec | AllowSealing)), out file);
        if (file is null) return created;
        SyscallResult sized = SyscallResult.FromLibc(Interop.FTruncate(file.Number, (long)length));
        if (!sized.IsError) sized = SyscallResult.FromLibc(Interop.Fcntl(file.Number, AddSeals, SealSize));
        if (!sized.IsError) return created;
        file.Dispose();
        file = null;
        return sized;
    }

    /// <summary>A new, empty file that grows by what is written to it.</summary>
    public static SyscallResult Create(string name, out SafeDescriptor? file) =>
        Descriptors.Own(SyscallResult.FromLibc(Interop.MemfdCreate(name, CloseOnExec)), out file);

    /// <summary>Opens the same file anew (through /proc/self/fd): another open file description, of its own mode.</summary>
    public static SyscallResult Reopen(SafeDescriptor file, OpenFlags flags, out SafeDescriptor? opened) =>
        Descriptors.Open(PathOf(file), flags | OpenFlags.CloseOnExec, out opened);

    /// <summary>Whether nobody can make the file shorter (F_SEAL_SHRINK).</summary>
    public static bool IsSealedAgainstShrinking(SafeDescriptor file)
    {
        SyscallResult seals = SyscallResult.FromLibc(Interop.Fcntl(file.Number, GetSeals, 0));
        return !seals.IsError && (seals.Value & SealShrink) != 0;
    }

    /// <summary>The path under which this process can open its descriptor's file anew.</summary>
    public static string PathOf(SafeDescriptor file) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.Number}");
}
