// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Files;

/// <summary>The memory file that stands for something of the host's.</summary>
/// <param name="Identity">Its inode.</param>
/// <param name="Watch">Number of the inotify watch that tells of the last close.</param>
/// <param name="Memory">The file that holds the device's memory, where this is it: then there may be others on its inode.</param>
/// <param name="Link">Its own name there, by which the watch tells of it; else "".</param>
internal readonly record struct ServedPlace(FileIdentity Identity, int Watch, DeviceMemoryFile? Memory, string Link);

/// <summary>
/// What a program holds in place of a file of the host: an empty memory file. Its inode is the identity, whatever
/// number, process or copy it is met under.
/// </summary>
/// <param name="place">Where it is.</param>
internal abstract class ServedFile(ServedPlace place)
{
    public ServedPlace Place => place;

    /// <summary>Whether it was released: no descriptor stands for it any more.</summary>
    public bool IsReleased { get; set; }

    /// <summary>The last descriptor and the last mapping are gone, in every process.</summary>
    public abstract void Release();
}

/// <summary>A container, a group, a device.</summary>
internal sealed class ServedHostFile(ServedPlace place, HostFile file, OpenMode mode) : ServedFile(place)
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
internal sealed class ServedAttribute(ServedPlace place, string path, SafeDescriptor? copy, Action<string, string> write) : ServedFile(place)
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
