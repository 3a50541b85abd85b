// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor.Calls;

/// <summary>open and openat of VFIO's nodes, and of sysfs attributes that are written.</summary>
internal sealed class OpenCalls(Session session)
{
    private const string NodeFolder = "/dev/vfio/";
    private const string IommufdNode = "/dev/iommu";

    /// <summary>Opens a path with open(2)'s flags.</summary>
    public CallAnswer Open(ulong pathAddress, uint flags)
    {
        if ((flags & (uint)OpenFlags.PathOnly) != 0) return CallAnswer.Continue;
        if (PathReader.ReadServed(session.Listener, session.Current, pathAddress) is not { } path) return CallAnswer.Continue;
        OpenMode mode = (flags & 3) switch
        {
            0 => OpenMode.ReadOnly,
            1 => OpenMode.WriteOnly,
            _ => OpenMode.ReadWrite,
        };
        bool closeOnExec = (flags & (uint)OpenFlags.CloseOnExec) != 0;
        if (path.StartsWith(NodeFolder, StringComparison.Ordinal)) return OpenNode(path, mode, closeOnExec);
        if (path == IommufdNode) return Refused(path, KernelResult.Fail(Errno.ENOENT, $"open: {path} does not exist: this host has no iommufd"));
        if (!session.Host.Sysfs.Covers(path)) return CallAnswer.Continue;
        KernelResult opened = session.HandOut("sysfs " + path, mode, closeOnExec, (identity, watch) => new ServedAttribute(identity, watch, path));
        return Refused(path, opened);
    }

    private CallAnswer OpenNode(string path, OpenMode mode, bool closeOnExec)
    {
        SyscallResult found = session.FindThread(out RemoteThread? thread);
        if (found.IsError) return Refused(path, CannotServe(found));
        KernelResult opened = session.Host.Open(thread!.Process.Caller, path, mode, out HostFile? file);
        if (opened.IsError) return Refused(path, opened);
        KernelResult given = session.HandOut("vfio " + file!.Description, mode, closeOnExec, (identity, watch) => new ServedHostFile(identity, watch, file, mode));
        if (given.IsError) file.Release();
        return Refused(path, given);
    }

    private KernelResult CannotServe(SyscallResult found)
    {
        // A thread that was killed meanwhile is not to be looked at either, and nobody minds.
        if (session.Listener.IsValid(session.Current.Id))
            session.Options.Report?.Invoke($"thread {session.Current.Thread} cannot be served: looking at it was refused ({found.Errno})");
        return KernelResult.Fail(Errno.EPERM, $"open: the supervisor may not look at thread {session.Current.Thread} ({found.Errno})");
    }

    private KernelResult Refused(string path, KernelResult result)
    {
        session.Explain($"open(\"{path}\")", result);
        return result;
    }
}
