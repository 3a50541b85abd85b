// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Sysfs;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Paths;

/// <summary>
/// The machine's files as real files of a folder of this computer: what a program opens there, it can list, read and
/// walk by the kernel alone, relative paths included.
/// </summary>
/// <remarks>Used below the session's gate only.</remarks>
internal sealed class ProjectedTree : IDisposable
{
    // The supervisor itself writes them.
    private const int OwnerWrites = 0x80;

    private readonly SysfsModel _model;
    private readonly Dictionary<string, byte[]> _contents = new(StringComparer.Ordinal);
    private readonly RootFolder _root;
    private SysfsPicture? _shown;

    private ProjectedTree(SysfsModel model, string folder, RootFolder root)
    {
        _model = model;
        Folder = folder;
        _root = root;
    }

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    /// <summary>Makes an empty tree; null where no folder for temporary files takes it.</summary>
    public static ProjectedTree? Create(SysfsModel model)
    {
        try
        {
            string folder = MakeFolder();
            // A program that becomes another user still looks at its devices.
            SetMode(folder, 0x1ed); // 0755
            _ = RootFolder.Open(folder, out RootFolder? root);
            return root is null ? null : new ProjectedTree(model, folder, root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Brings the files up to date, and says which there are.</summary>
    public SysfsPicture Update()
    {
        SysfsPicture picture = _model.Picture();
        if (ReferenceEquals(picture, _shown)) return picture;
        foreach (SysfsEntry old in (_shown?.Entries.Values ?? []).OrderByDescending(entry => entry.Path.Length).ThenBy(entry => entry.Path, StringComparer.Ordinal))
            if (picture.Entries.GetValueOrDefault(old.Path) != old) Remove(old);
        foreach (SysfsEntry entry in picture.Entries.Values.OrderBy(entry => entry.Path.Length))
        {
            if (_shown?.Entries.GetValueOrDefault(entry.Path) != entry) Add(entry);
            else Refresh(entry);
        }

        foreach (string shared in picture.Shared) AddOwn(shared, picture);
        _shown = picture;
        return picture;
    }

    /// <summary>Opens what a path names, as if the tree were the computer's root.</summary>
    public SyscallResult Open(string path, OpenFlags flags, out SafeDescriptor? descriptor) => _root.OpenBelow(path, flags, out descriptor);

    /// <summary>The path of an open file, as programs call it; null when it is not of the tree.</summary>
    public string? PathOf(SafeDescriptor descriptor) => Inside(RootFolder.PathOf(descriptor));

    /// <summary>What programs call a path of this computer; null when it is not of the tree.</summary>
    public string? Inside(string? path) =>
        path is not null && path.StartsWith(Folder, StringComparison.Ordinal) && path.Length > Folder.Length && path[Folder.Length] == '/' ? path[Folder.Length..] : null;

    /// <summary>Writes an attribute's text anew, if it changed.</summary>
    public void Refresh(SysfsEntry entry)
    {
        if (entry.Kind != SysfsKind.Attribute) return;
        _ = _model.ReadContent(entry.Text, out byte[] content);
        if (_contents.TryGetValue(entry.Path, out byte[]? known) && content.AsSpan().SequenceEqual(known)) return;
        File.WriteAllBytes(Folder + entry.Path, content);
        _contents[entry.Path] = content;
    }

    /// <summary>An attribute was written: who reads it by a relative path finds what it is now.</summary>
    public void Changed(string attribute)
    {
        foreach (SysfsEntry entry in Update().Entries.Values)
            if (entry.Text == attribute) Refresh(entry);
    }

    public void Dispose()
    {
        _root.Dispose();
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A program of the same user that writes there meanwhile: the system's cleaning of temporary files remains.
        }
    }

    private void Add(SysfsEntry entry)
    {
        string path = Folder + entry.Path;
        switch (entry.Kind)
        {
            case SysfsKind.Folder:
                Directory.CreateDirectory(path);
                break;
            case SysfsKind.Link:
                File.CreateSymbolicLink(path, entry.Text);
                break;
            case SysfsKind.Attribute:
                Refresh(entry);
                SetMode(path, entry.Mode | OwnerWrites);
                break;
            default:
                File.WriteAllBytes(path, []);
                break;
        }
    }

    // In memory where that is possible: hundreds of small files are made and removed by each run.
    private static string MakeFolder()
    {
        const string InMemory = "/dev/shm";
        try
        {
            string folder = Path.Combine(InMemory, string.Create(CultureInfo.InvariantCulture, $"vfio-run-{Environment.ProcessId}-{Guid.NewGuid():n}"));
            if (Directory.Exists(InMemory)) return Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A disk is as good, only slower.
        }

        return Directory.CreateTempSubdirectory("vfio-run-").FullName;
    }

    private static void SetMode(string path, int mode)
    {
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(path, (UnixFileMode)mode);
    }

    private void Remove(SysfsEntry entry)
    {
        _contents.Remove(entry.Path);
        if (entry.Kind == SysfsKind.Folder) Directory.Delete(Folder + entry.Path, recursive: true);
        else File.Delete(Folder + entry.Path);
    }

    // The computer's own devices are beside the machine's; where both have one, the machine's is seen.
    private void AddOwn(string folder, SysfsPicture picture)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string own in Directory.EnumerateFileSystemEntries(folder))
        {
            string here = Folder + own;
            if (!picture.Entries.ContainsKey(own) && !Path.Exists(here)) File.CreateSymbolicLink(here, Path.GetFullPath(own, folder));
        }
    }
}
