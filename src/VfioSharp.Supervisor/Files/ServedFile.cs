// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Files;

/// <summary>
/// What a program holds in place of a file of the host: an empty memory file. Its inode is the identity, whatever
/// number, process or copy it is met under.
/// </summary>
/// <param name="identity">The memory file's inode.</param>
/// <param name="watch">Number of the inotify watch that tells of the last close.</param>
internal abstract class ServedFile(FileIdentity identity, int watch)
{
    public FileIdentity Identity => identity;

    public int Watch => watch;

    /// <summary>Whether it was released: no descriptor stands for it any more.</summary>
    public bool IsReleased { get; set; }

    /// <summary>The last descriptor and the last mapping are gone, in every process.</summary>
    public abstract void Release();
}

/// <summary>A container, a group, a device.</summary>
internal sealed class ServedHostFile(FileIdentity identity, int watch, HostFile file, OpenMode mode) : ServedFile(identity, watch)
{
    public HostFile File => file;

    /// <summary>How it was opened; refused accesses are refused before the host sees them (fs/read_write.c).</summary>
    public OpenMode Mode => mode;

    /// <summary>What answers at a place of it that is mapped; null: nothing.</summary>
    public IMappedRegion? Map(ulong offset, ulong length)
    {
        _ = file.Map(new MapRequest(offset, length, MemoryProtection.ReadWrite, Shared: true), out IMappedRegion? region);
        return region;
    }

    public override void Release() => file.Release();
}

/// <summary>
/// An attribute of sysfs, open for writing. Each write(2) on its own number is the host's at once. What reaches the
/// memory file by a copy under another number, as a shell's redirection does, is written when that is closed.
/// </summary>
internal sealed class ServedAttribute(FileIdentity identity, int watch, string path, SafeDescriptor? copy, Action<string, string> write) : ServedFile(identity, watch)
{
    // fs/kernfs/file.c: an attribute takes at most a page.
    private const int LongestWrite = 4096;

    public string Path => path;

    public override void Release()
    {
        if (copy is null) return;
        using (copy)
        {
            byte[] text = new byte[LongestWrite];
            SyscallResult read = Descriptors.ReadAt(copy.Number, text, 0);
            if (!read.IsError && read.Value > 0) write(path, Encoding.UTF8.GetString(text, 0, (int)read.Value));
        }
    }
}
