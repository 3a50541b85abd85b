// SPDX-License-Identifier: MIT
using VfioSharp.Host;
using VfioSharp.Host.Sysfs;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Paths;

/// <summary>Decides whose a path is, the machine's or this computer's, and finds the machine's file behind it.</summary>
/// <remarks>Used below the session's gate only.</remarks>
internal sealed class ServedPaths(SoftwareHost host, Action<string> folderMade) : IDisposable
{
    private ProjectedTree? _tree;
    private bool _refused;

    /// <summary>The tree, once a program has asked for one of its files.</summary>
    public ProjectedTree? Tree => _tree;

    /// <summary>
    /// Finds an absolute path. False: it is this computer's, the kernel carries the call out. Otherwise the place is
    /// there, or the errno says why not.
    /// </summary>
    public bool TryFind(string path, bool followsLast, out ServedPath found)
    {
        found = default;
        SysfsPicture picture = host.Sysfs.Picture();
        string plain = Plain(path, out bool hasParents);
        bool isOwned = !hasParents && picture.Owns(plain);
        if (!isOwned && !hasParents && (!picture.Entries.ContainsKey(plain) || Path.Exists(plain))) return false;

        // Most programs look at paths of /sys and /proc that are the computer's: they never need the files.
        if (MakeTree() is not { } tree) return false;
        picture = tree.Update();
        SyscallResult opened = tree.Open(path, OpenFlags.PathOnly | (followsLast ? 0 : OpenFlags.NoFollow), out SafeDescriptor? place);
        if (place is null)
        {
            found = new ServedPath(null, null, opened.Errno);
            return !hasParents;
        }

        SysfsEntry? entry = tree.PathOf(place) is { } real ? picture.Entries.GetValueOrDefault(real) : null;
        if (entry is null || (!isOwned && hasParents && !picture.Owns(entry.Path) && Path.Exists(path)))
        {
            place.Dispose();
            return false;
        }

        found = new ServedPath(place, entry, Errno.None);
        return true;
    }

    /// <summary>Why a path of the machine was refused.</summary>
    public KernelResult Refuse(string call, string path, Errno errno) => KernelResult.Fail(errno, errno switch
    {
        Errno.ENOENT => $"{call}: {path} does not exist on machine {host.Platform.Name}",
        Errno.ENOTDIR => $"{call}: {path} leads through a file that is no folder",
        Errno.ELOOP => $"{call}: {path} leads through too many links, or ends in one that is not to be followed",
        _ => $"{call}: {path} cannot be opened ({errno})",
    });

    public void Dispose() => _tree?.Dispose();

    private ProjectedTree? MakeTree()
    {
        if (_tree is not null || _refused) return _tree;
        _tree = ProjectedTree.Create(host.Sysfs);
        _refused = _tree is null;
        if (_tree is not null) folderMade(_tree.Folder);
        return _tree;
    }

    // Without empty parts, "." and a slash at the end. What ".." leads to, only the files themselves can tell.
    private static string Plain(string path, out bool hasParents)
    {
        hasParents = false;
        bool isPlain = !path.EndsWith('/');
        for (int i = 0; i + 1 < path.Length; i++)
        {
            if (path[i] != '/' || path[i + 1] is not ('/' or '.')) continue;
            isPlain = false;
            hasParents |= path.AsSpan(i).StartsWith("/../") || path.AsSpan(i) is "/..";
        }

        return isPlain ? path : "/" + string.Join('/', path.Split('/').Where(part => part is not ("" or ".")));
    }
}

/// <summary>A file of the machine that a path led to.</summary>
/// <param name="Place">The projected file (O_PATH); null when there is none.</param>
/// <param name="Entry">What it stands for.</param>
/// <param name="Errno">Why there is none.</param>
internal readonly record struct ServedPath(SafeDescriptor? Place, SysfsEntry? Entry, Errno Errno) : IDisposable
{
    public void Dispose() => Place?.Dispose();
}
