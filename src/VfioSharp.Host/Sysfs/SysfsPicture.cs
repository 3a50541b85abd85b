// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Sysfs;

/// <summary>All files of the machine at one moment. Never changes; thread-safe.</summary>
public sealed class SysfsPicture
{
    private readonly Dictionary<string, SysfsEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _owned = new(StringComparer.Ordinal);

    internal SysfsPicture()
    {
    }

    /// <summary>The files by their paths.</summary>
    public IReadOnlyDictionary<string, SysfsEntry> Entries => _entries;

    /// <summary>
    /// Folders whose names are the machine's and the computer's together: the machine's devices are beside its own.
    /// </summary>
    public IReadOnlyList<string> Shared { get; } = ["/sys/bus/pci/devices", "/sys/bus/pci/drivers"];

    /// <summary>Whether a path is the machine's, whether or not it exists: the computer's own files there are never seen.</summary>
    public bool Owns(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Shared.Contains(path)) return true;
        for (int end = path.Length; end > 0; end = path.LastIndexOf('/', end - 1))
            if (_owned.Contains(path[..end])) return true;
        return false;
    }

    /// <summary>All below a folder is the machine's.</summary>
    internal void Own(string folder) => _owned.Add(folder);

    /// <summary>Adds a folder, with those above it.</summary>
    internal void AddFolder(string path)
    {
        while (path.Length > 1 && _entries.TryAdd(path, new SysfsEntry(path, SysfsKind.Folder, 0x1ed))) path = path[..path.LastIndexOf('/')]; // 0755
    }

    /// <summary>Adds an attribute that is read and written by another path than its own, if it is reached by links.</summary>
    internal void AddAttribute(string path, int mode, string? by = null) => Add(new SysfsEntry(path, SysfsKind.Attribute, mode, by ?? path));

    /// <summary>Adds a link to a path below /sys, as sysfs writes it: relative.</summary>
    internal void AddLink(string path, string target) => Add(new SysfsEntry(path, SysfsKind.Link, 0x1ff, Relative(path, target))); // 0777

    /// <summary>Adds a node below /dev.</summary>
    internal void AddNode(string path) => Add(new SysfsEntry(path, SysfsKind.Node, 0x1b6)); // 0666

    // fs/kernfs/symlink.c: kernfs_get_target_path: up to the folder that both are in, and down again.
    private static string Relative(string path, string target)
    {
        int common = 0;
        for (int i = 0; i < Math.Min(path.Length, target.Length) && path[i] == target[i]; i++)
            if (path[i] == '/') common = i + 1;
        return string.Concat(Enumerable.Repeat("../", path.AsSpan(common).Count('/'))) + target[common..];
    }

    private void Add(SysfsEntry entry)
    {
        _entries[entry.Path] = entry;
        AddFolder(entry.Path[..entry.Path.LastIndexOf('/')]);
    }
}
