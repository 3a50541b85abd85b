// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;

namespace VfioSharp.Linux;

/// <summary>A folder below which paths are found as if it were the root: absolute links and <c>..</c> stay inside (openat2(2)).</summary>
public sealed unsafe class RootFolder : IDisposable
{
    private const nint OpenAt2Number = 437;
    private const ulong ResolveInRoot = 0x10;

    private readonly SafeDescriptor _folder;

    private RootFolder(SafeDescriptor folder) => _folder = folder;

    /// <summary>Opens a folder.</summary>
    public static SyscallResult Open(string path, out RootFolder? root)
    {
        SyscallResult opened = Descriptors.Open(path, OpenFlags.PathOnly | OpenFlags.Folder | OpenFlags.CloseOnExec, out SafeDescriptor? folder);
        root = folder is null ? null : new RootFolder(folder);
        return opened;
    }

    /// <summary>Opens what a path names below the folder. Linux 5.6; ENOSYS before.</summary>
    public SyscallResult OpenBelow(string path, OpenFlags flags, out SafeDescriptor? descriptor)
    {
        ulong* how = stackalloc ulong[3];
        how[0] = (ulong)(flags | OpenFlags.CloseOnExec);
        how[1] = 0;
        how[2] = ResolveInRoot;

        // SAFETY: the path is NUL-terminated and pinned; how is struct open_how, whose size the call is told.
        fixed (byte* start = Encoding.UTF8.GetBytes(path + '\0'))
            return Descriptors.Own(SyscallResult.FromLibc(Interop.Syscall(OpenAt2Number, _folder.Number, (nint)start, (nint)how, 3 * sizeof(ulong), 0)), out descriptor);
    }

    /// <summary>The path under which a descriptor's file is reached now, from the computer's root.</summary>
    public static string? PathOf(SafeDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return Descriptors.ReadLink(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor.Number}"), out string? path).IsError ? null : path;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
