// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Files;

/// <summary>
/// The files that programs hold. inotify tells when the last copy and the last mapping of one are gone, however that
/// came about: close, munmap, exit, SIGKILL.
/// </summary>
/// <remarks>Used below the session's gate only.</remarks>
internal sealed class ServedFiles : IDisposable
{
    private readonly Dictionary<FileIdentity, ServedFile> _byIdentity = [];
    private readonly Dictionary<(int Watch, string Link), ServedFile> _byWatch = [];
    private readonly InotifyWatch _watch;
    private readonly List<(int Watch, string Link)> _closed = [];

    public ServedFiles(InotifyWatch watch) => _watch = watch;

    /// <summary>Files that programs hold.</summary>
    public int Count => _byWatch.Count;

    /// <summary>Readable when there is something to <see cref="Drain"/>.</summary>
    public int PollNumber => _watch.Number;

    /// <summary>The file with that inode.</summary>
    public bool TryFind(in FileIdentity identity, out ServedFile? file) => _byIdentity.TryGetValue(identity, out file);

    /// <summary>
    /// Makes a file to hand out. <paramref name="descriptor"/> is this process's only reference to it: dispose it once
    /// the program has its own, or after <see cref="Withdraw"/>.
    /// </summary>
    public SyscallResult Create(
        string name, OpenMode mode, Func<ServedPlace, ServedFile> make, out ServedFile? file, out SafeDescriptor? descriptor)
    {
        SyscallResult result = MemoryFile.Create(name, 0, out SafeDescriptor? original);
        return Create(result, original, mode, make, out file, out descriptor);
    }

    /// <summary>Makes a file to hand out whose mappings show a device's memory, likewise.</summary>
    public SyscallResult Create(
        DeviceMemoryFile memory, OpenMode mode, Func<ServedPlace, ServedFile> make, out ServedFile? file, out SafeDescriptor? descriptor)
    {
        file = null;
        descriptor = null;
        SyscallResult watched = _watch.AddCloseWatch(memory.Folder);
        if (watched.IsError) return watched;
        SyscallResult result = memory.Open((OpenFlags)(int)mode, out descriptor, out string link);
        if (descriptor is not null) file = Add(make(new ServedPlace(memory.Identity, (int)watched.Value, memory, link)));
        return result;
    }

    /// <summary>Makes an attribute to hand out, likewise.</summary>
    public SyscallResult CreateAttribute(string path, OpenMode mode, Action<string, string> write, out ServedFile? file, out SafeDescriptor? descriptor)
    {
        SyscallResult result = MemoryFile.Create("sysfs " + path, out SafeDescriptor? original);
        SafeDescriptor? kept = null;
        if (original is not null) _ = MemoryFile.Reopen(original, OpenFlags.ReadOnly, out kept);
        SyscallResult created = Create(result, original, mode, place => new ServedAttribute(place, path, kept, write), out file, out descriptor);
        if (file is null) kept?.Dispose();
        return created;
    }

    private SyscallResult Create(
        SyscallResult result, SafeDescriptor? original, OpenMode mode, Func<ServedPlace, ServedFile> make, out ServedFile? file, out SafeDescriptor? descriptor)
    {
        file = null;
        descriptor = null;
        if (original is null) return result;

        // Opened anew: the open file description that memfd_create made takes no part in inotify.
        result = MemoryFile.Reopen(original, (OpenFlags)(int)mode, out descriptor);
        original.Dispose();
        if (descriptor is null) return result;
        SyscallResult identified = Descriptors.Identify(descriptor.Number, out FileIdentity identity, out _);
        SyscallResult watched = _watch.AddCloseWatch(MemoryFile.PathOf(descriptor));
        if (identified.IsError || watched.IsError)
        {
            descriptor.Dispose();
            descriptor = null;
            return watched.IsError ? watched : identified;
        }

        file = Add(make(new ServedPlace(identity, (int)watched.Value, null, "")));
        return result;
    }

    private ServedFile Add(ServedFile file)
    {
        _byIdentity[file.Place.Identity] = file;
        _byWatch.Add((file.Place.Watch, file.Place.Link), file);
        return file;
    }

    /// <summary>The file was not handed out after all. What it stood for is not released.</summary>
    public void Withdraw(ServedFile file)
    {
        Forget(file);
        if (file.Place.Memory is null) _ = _watch.Remove(file.Place.Watch);
    }

    /// <summary>Releases what was closed since the last call.</summary>
    public void Drain()
    {
        if (!_watch.HasEvents || !_watch.Drain(_closed)) return;
        foreach ((int Watch, string Link) closed in _closed)
        {
            // A closed file has no second life: its inode or its name is gone. Events of withdrawn files find nothing.
            if (!_byWatch.TryGetValue(closed, out ServedFile? file)) continue;
            Forget(file);
            file.Release();
        }

        _closed.Clear();
    }

    /// <summary>The programs are gone: whatever is left is released.</summary>
    public void Dispose()
    {
        Drain();
        foreach (ServedFile file in _byWatch.Values.ToList())
        {
            Forget(file);
            file.Release();
        }

        _watch.Dispose();
    }

    private void Forget(ServedFile file)
    {
        file.IsReleased = true;
        (FileIdentity identity, int watch, DeviceMemoryFile? memory, string link) = file.Place;
        _byWatch.Remove((watch, link));
        memory?.Unlink(link);
        if (_byIdentity[identity] != file) return;
        // Descriptors of a device that is open several times: what is asked of one, any answers.
        ServedFile? other = memory is null ? null : _byWatch.Values.FirstOrDefault(other => other.Place.Identity == identity);
        if (other is null) _byIdentity.Remove(identity);
        else _byIdentity[identity] = other;
    }
}
