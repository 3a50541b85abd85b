// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Files;
using VfioSharp.Host.Pci;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Files;

/// <summary>
/// What programs map in place of a device with memory: a file that has pages where the memory is and holes everywhere
/// else, on a file system with room for those pages and no more. An access to a page is one of the processor; one to a
/// hole raises SIGBUS, which is trapped. All descriptors of the device are on this one inode, each opened by a name of its
/// own: inotify tells by that which was closed.
/// </summary>
/// <remarks>
/// A program can shorten its file. So nothing here maps it: a load beyond its end would end this process.
/// </remarks>
internal sealed class DeviceMemoryFile : IBarMemoryFile, IDisposable
{
    // Beyond the last region of a device.
    private const ulong Size = 16UL << 40;

    // The name that this process opened it by.
    private const string OwnName = "device";

    private readonly SizedFolder _folder;
    private readonly SafeDescriptor _file;
    private readonly FileMemory _memory;
    private int _opened;

    private DeviceMemoryFile(SizedFolder folder, SafeDescriptor file, FileIdentity identity, FileMemory memory)
    {
        _folder = folder;
        _file = file;
        _memory = memory;
        Identity = identity;
    }

    /// <summary>Its inode.</summary>
    public FileIdentity Identity { get; }

    /// <summary>The folder with the names, to be watched.</summary>
    public string Folder => _folder.Path;

    /// <summary>Makes one; null, with the reason, where that is forbidden.</summary>
    public static DeviceMemoryFile? Create(FileMemory memory, ulong bytes, out string reason)
    {
        var folder = SizedFolder.Create(bytes, start => LaunchGate.Launch(() => ChildProgram.Start(start)), out reason);
        if (folder is null)
        {
            reason = $"no file system of exact size can be mounted here ({reason}); allow user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0, or a container's --cap-add SYS_ADMIN)";
            return null;
        }

        SyscallResult made = folder.Open(OwnName, OpenFlags.ReadWrite, create: true, out SafeDescriptor? file);
        FileIdentity identity = default;
        if (!made.IsError) made = Descriptors.Identify(file!.Number, out identity, out _);
        if (!made.IsError) return new DeviceMemoryFile(folder, file!, identity, memory);
        reason = $"no file can be made for it ({made.Errno})";
        file?.Dispose();
        folder.Dispose();
        return null;
    }

    /// <summary>Opens it anew, by a name of its own.</summary>
    public SyscallResult Open(OpenFlags mode, out SafeDescriptor? descriptor, out string link)
    {
        descriptor = null;
        link = (++_opened).ToString(CultureInfo.InvariantCulture);
        SyscallResult linked = _folder.Link(OwnName, link);
        if (linked.IsError) return linked;
        SyscallResult opened = _folder.Open(link, mode, create: false, out descriptor);
        if (descriptor is null) Unlink(link);
        return opened;
    }

    /// <summary>A name is not needed any more.</summary>
    public void Unlink(string link) => _ = _folder.Unlink(link);

    public bool Show()
    {
        // Pages first, and beyond the end: nobody finds the file with room left, where holes would become pages.
        for (int i = 0; i < _memory.Places.Count; i++)
        {
            if (Descriptors.Allocate(_file.Number, _memory.Places[i], _memory.Memory.Areas[i].Length).IsError)
            {
                Hide();
                return false;
            }
        }

        return !Descriptors.Resize(_file.Number, Size).IsError;
    }

    // Beyond the file's end all is as it is at a hole.
    public void Hide() => _ = Descriptors.Resize(_file.Number, 0);

    public void Read(int area, ulong offset, Span<byte> destination)
    {
        SyscallResult read = Descriptors.ReadAt(_file.Number, destination, _memory.Places[area] + offset);
        destination[(int)Math.Max(0, read.Value)..].Clear();
    }

    public void Write(int area, ulong offset, ReadOnlySpan<byte> source) => _ = Descriptors.WriteAt(_file.Number, source, _memory.Places[area] + offset);

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }
}
