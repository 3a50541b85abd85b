// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Files;
using VfioSharp.Host.Sysfs;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Paths;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor.Calls;

/// <summary>open and openat of VFIO's nodes, of the machine's files in sysfs, and of /proc/PID/status.</summary>
internal sealed class OpenCalls(Session session)
{
    private const string IommufdNode = "/dev/iommu";
    private const int AnyRead = 0x124;
    private const int AnyWrite = 0x92;
    private const OpenFlags PassedOn = OpenFlags.NonBlocking | OpenFlags.Folder | OpenFlags.PathOnly;

    /// <summary>Opens a path with open(2)'s flags.</summary>
    /// <param name="folder">The folder that a relative path begins at; negative: where the program is.</param>
    /// <param name="pathAddress">Where the path is in the program's memory.</param>
    /// <param name="rawFlags">O_*.</param>
    public CallAnswer Open(int folder, ulong pathAddress, uint rawFlags)
    {
        var flags = (OpenFlags)rawFlags;
        OpenMode mode = (rawFlags & 3) switch
        {
            0 => OpenMode.ReadOnly,
            1 => OpenMode.WriteOnly,
            _ => OpenMode.ReadWrite,
        };

        // Below a folder of the tree the kernel finds all by itself, but a write would only reach the picture.
        bool asksForRelative = folder >= 0 && mode != OpenMode.ReadOnly && session.Paths.Tree is not null;
        string? path = PathReader.ReadServed(session.Listener, session.Current, pathAddress)
            ?? (asksForRelative ? ReadRelative(folder, pathAddress) : null);
        if (path is null) return CallAnswer.Continue;
        if (path.StartsWith("/proc/", StringComparison.Ordinal)) return mode == OpenMode.ReadOnly ? OpenStatus(path, flags) : CallAnswer.Continue;
        if (path == IommufdNode) return Explained(path, KernelResult.Fail(Errno.ENOENT, $"open: {path} does not exist: this host has no iommufd"));
        if (!session.Paths.TryFind(path, (flags & OpenFlags.NoFollow) == 0, out ServedPath found)) return CallAnswer.Continue;
        using ServedPath file = found;
        return Explained(path, Open(path, in file, mode, flags));
    }

    private KernelResult Open(string path, in ServedPath file, OpenMode mode, OpenFlags flags)
    {
        bool closeOnExec = (flags & OpenFlags.CloseOnExec) != 0;
        if (file.Entry is not { } entry) return session.Paths.Refuse("open", path, file.Errno);
        if ((flags & OpenFlags.PathOnly) != 0) return Give(path, file.Place!, flags, closeOnExec);
        switch (entry.Kind)
        {
            case SysfsKind.Node:
                return OpenNode(entry.Path, mode, closeOnExec);
            case SysfsKind.Link:
                return session.Paths.Refuse("open", path, Errno.ELOOP);
            case SysfsKind.Folder:
                return mode == OpenMode.ReadOnly ? Give(path, file.Place!, flags, closeOnExec) : KernelResult.Fail(Errno.EISDIR, $"open: {path} is a folder");
        }

        if (mode != OpenMode.ReadOnly) return OpenForWriting(path, entry, mode, closeOnExec);
        if ((entry.Mode & AnyRead) == 0) return KernelResult.Fail(Errno.EACCES, $"open: {path} can only be written");
        session.Paths.Tree!.Refresh(entry);
        return Give(path, file.Place!, flags, closeOnExec);
    }

    private KernelResult OpenForWriting(string path, SysfsEntry entry, OpenMode mode, bool closeOnExec)
    {
        if ((entry.Mode & AnyWrite) == 0) return KernelResult.Fail(Errno.EACCES, $"open: {path} can only be read");
        if (entry.Text.EndsWith("/config", StringComparison.Ordinal))
            return KernelResult.Fail(Errno.EPERM, $"open: {path} is only read here; configuration space is written through the VFIO device");
        return session.HandOutAttribute(entry.Text, mode, closeOnExec);
    }

    private KernelResult OpenNode(string path, OpenMode mode, bool closeOnExec)
    {
        SyscallResult found = session.FindThread(out RemoteThread? thread);
        if (found.IsError) return CannotServe(found);
        KernelResult opened = session.Host.Open(thread!.Process.Caller, path, mode, out HostFile? file);
        if (opened.IsError) return opened;
        KernelResult given = session.HandOut("vfio " + file!.Description, mode, closeOnExec, place => new ServedHostFile(place, file, mode));
        if (given.IsError) file.Release();
        return given;
    }

    // A real file of the tree: the program holds it as any other.
    private KernelResult Give(string path, SafeDescriptor place, OpenFlags flags, bool closeOnExec)
    {
        if ((flags & OpenFlags.PathOnly) != 0) return Add(path, place, closeOnExec);
        SyscallResult opened = MemoryFile.Reopen(place, flags & PassedOn, out SafeDescriptor? file);
        if (file is null) return session.Paths.Refuse("open", path, opened.Errno);
        using (file) return Add(path, file, closeOnExec);
    }

    private KernelResult Add(string path, SafeDescriptor file, bool closeOnExec)
    {
        SyscallResult added = session.Listener.AddDescriptor(session.Current.Id, file, -1, closeOnExec);
        return added.IsError ? KernelResult.Fail(added.Errno, $"open: the program's descriptor table takes no {path}: {added.Errno}") : KernelResult.Ok(added.Value);
    }

    private CallAnswer OpenStatus(string path, OpenFlags flags)
    {
        if (!path.EndsWith("/status", StringComparison.Ordinal) || session.FindThread(out RemoteThread? thread).IsError) return CallAnswer.Continue;
        if (ProcessStatus.ProcessOf(path, thread!.Process) is not { } id) return CallAnswer.Continue;
        RemoteProcess? process = session.Programs.Processes.FirstOrDefault(known => known.Id == id);
        if (process is null || process.Caller.Locked.Pages == 0 || ProcessStatus.Read(process) is not { } text) return CallAnswer.Continue;
        SyscallResult made = MemoryFile.Create(path, (ulong)text.Length, out SafeDescriptor? file);
        if (file is null) return Explained(path, session.Paths.Refuse("open", path, made.Errno));
        using (file)
        {
            _ = Descriptors.WriteAt(file.Number, text, 0);
            return Explained(path, Give(path, file, OpenFlags.ReadOnly, (flags & OpenFlags.CloseOnExec) != 0));
        }
    }

    private string? ReadRelative(int folder, ulong pathAddress)
    {
        string link = string.Create(CultureInfo.InvariantCulture, $"/proc/{session.Current.Thread}/fd/{folder}");
        if (Descriptors.ReadLink(link, out string? real).IsError || session.Paths.Tree!.Inside(real) is not { } inside) return null;
        return PathReader.ReadAny(session.Listener, session.Current, pathAddress) is { Length: > 0 } path && path[0] != '/' ? $"{inside}/{path}" : null;
    }

    private KernelResult CannotServe(SyscallResult found)
    {
        // A thread that was killed meanwhile is not to be looked at either, and nobody minds.
        if (session.Listener.IsValid(session.Current.Id))
            session.Options.Report?.Invoke($"thread {session.Current.Thread} cannot be served: looking at it was refused ({found.Errno})");
        return KernelResult.Fail(Errno.EPERM, $"open: the supervisor may not look at thread {session.Current.Thread} ({found.Errno})");
    }

    private KernelResult Explained(string path, KernelResult result)
    {
        session.Recorder?.Opened(path, result);
        session.ExplainPath($"open(\"{path}\")", path, result);
        return result;
    }
}
