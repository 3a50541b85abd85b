// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Locking;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>The shared files of one process that are open for DMA: one descriptor an inode, however many ranges use it.</summary>
internal sealed class SharedFileCache(int process)
{
    // Guards _files and the files' reference counts. Innermost but for system calls.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private readonly Dictionary<(FileIdentity, bool Writable), SharedFile> _files = [];

    /// <summary>
    /// The file behind a shared mapping, with one reference for the asker. False when no way leads to it: then it can
    /// only be reached by address.
    /// </summary>
    public bool TryOpen(in MappedArea area, bool forWriting, out SharedFile? file)
    {
        using (_lock.EnterScope())
        {
            if (_files.TryGetValue((area.File, forWriting), out file))
            {
                file.References++;
                return true;
            }

            SafeDescriptor? descriptor = OpenByMapping(area, forWriting) ?? OpenByDescriptor(area, forWriting);
            if (descriptor is null) return false;
            if (Descriptors.Identify(descriptor.Number, out FileIdentity identity, out ulong size).IsError || identity != area.File)
            {
                descriptor.Dispose();
                return false;
            }

            file = SharedFile.Make(this, descriptor, identity, size, forWriting);
            _files.Add((identity, forWriting), file);
            return true;
        }
    }

    public void Release(SharedFile file)
    {
        using (_lock.EnterScope())
        {
            if (--file.References != 0) return;
            _files.Remove((file.Identity, file.IsWritable));
            file.Close();
        }
    }

    // Opening a device node could have effects of its own: only memory and plain files are opened.
    private static SafeDescriptor? OpenRegular(string path, bool forWriting)
    {
        if (!Descriptors.IsRegularFile(path)) return null;
        OpenFlags mode = forWriting ? OpenFlags.ReadWrite : OpenFlags.ReadOnly;
        _ = Descriptors.Open(path, mode | OpenFlags.CloseOnExec | OpenFlags.NonBlocking, out SafeDescriptor? descriptor);
        return descriptor;
    }

    // Needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN; finds the file even when its descriptor is closed.
    private SafeDescriptor? OpenByMapping(in MappedArea area, bool forWriting)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/map_files/{area.Start:x}-{area.End:x}");
        return OpenRegular(path, forWriting);
    }

    private SafeDescriptor? OpenByDescriptor(in MappedArea area, bool forWriting)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd");
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(folder))
            {
                if (Descriptors.Identify(path, out FileIdentity identity, out _).IsError || identity != area.File) continue;
                if (OpenRegular(path, forWriting) is { } descriptor) return descriptor;
            }
        }
        catch (IOException)
        {
            // The process ended meanwhile: there is nothing to find.
        }
        catch (UnauthorizedAccessException)
        {
            // It may not be looked at: the address is the only way.
        }

        return null;
    }
}
