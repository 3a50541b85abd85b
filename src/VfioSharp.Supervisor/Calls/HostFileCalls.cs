// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;
using VfioSharp.Supervisor.Programs;

namespace VfioSharp.Supervisor.Calls;

/// <summary>Calls on descriptors of the host's files. On any other descriptor the kernel carries them out.</summary>
internal sealed class HostFileCalls(Session session)
{
    // include/uapi/linux/mman.h: the low bits of mmap's flags.
    private const ulong MapTypeMask = 0xf;
    private const ulong MapPrivate = 2;

    /// <summary>ioctl.</summary>
    public CallAnswer Ioctl(int descriptor, uint request, ulong argument)
    {
        if (Find(descriptor) is not { } served) return CallAnswer.Continue;
        Caller caller = CallerOf();
        KernelResult result = session.Recorder is { } recorder
            ? recorder.Ioctl(served.File, caller, request, argument)
            : served.File.Ioctl(caller, request, argument);
        if (result.Reason is not null) ExplainIoctl(served.File, request, result);
        return result;
    }

    /// <summary>pread64.</summary>
    public CallAnswer Read(int descriptor, ulong address, ulong count, ulong offset)
    {
        if (Find(descriptor) is not { } served) return CallAnswer.Continue;
        Caller caller = CallerOf();
        KernelResult result = FileTransfer.Check(caller.Memory, "pread", address, count, offset);
        if (served.Mode == OpenMode.WriteOnly) result = KernelResult.Fail(Errno.EBADF, $"pread: descriptor {descriptor} is open for writing only");
        if (session.Recorder is { } recorder) result = recorder.Transfer(served.File, caller, isWrite: false, address, count, offset, result);
        else if (result.IsSuccess) result = served.File.Read(caller, address, count, offset);
        if (result.Reason is not null) ExplainTransfer("pread", Refusals.Read, served.File, count, offset, result);
        return result;
    }

    /// <summary>pwrite64, and write, which VFIO's files take as at their start.</summary>
    public CallAnswer Write(string call, int descriptor, ulong address, ulong count, ulong offset)
    {
        if (Find(descriptor) is not { } served) return CallAnswer.Continue;
        Caller caller = CallerOf();
        KernelResult result = FileTransfer.Check(caller.Memory, call, address, count, offset);
        if (served.Mode == OpenMode.ReadOnly) result = KernelResult.Fail(Errno.EBADF, $"{call}: descriptor {descriptor} is open for reading only");
        if (session.Recorder is { } recorder) result = recorder.Transfer(served.File, caller, isWrite: true, address, count, offset, result);
        else if (result.IsSuccess) result = served.File.Write(caller, address, count, offset);
        if (result.Reason is not null) ExplainTransfer(call, Refusals.Write, served.File, count, offset, result);
        return result;
    }

    /// <summary>
    /// mmap: refusals are the host's; a mapping that it grants, the kernel makes, of the memory file. That file is
    /// empty: the mapping holds it open, and an access raises SIGBUS, which is trapped.
    /// </summary>
    public CallAnswer Map(ulong length, uint protection, ulong flags, int descriptor, ulong offset)
    {
        if (Find(descriptor) is not { } served) return CallAnswer.Continue;
        Caller caller = CallerOf();
        ulong mask = (ulong)caller.Memory.PageSize - 1;
        ulong rounded = unchecked(length + mask) & ~mask;
        // What is wrong for any file, the kernel refuses itself.
        if (length == 0 || rounded == 0 || (offset & mask) != 0) return CallAnswer.Continue;
        bool shared = (flags & MapTypeMask) != MapPrivate;
        MapRequest request = new(offset, rounded, (MemoryProtection)(protection & 7), shared);
        KernelResult result = session.Recorder is { } recorder ? recorder.Map(served.File, caller, in request) : served.File.Map(in request, out _);
        if (result.IsSuccess)
        {
            if (session.Options.TrapsMappedRegisters) Trap(session.CurrentThread!.Process);
            return CallAnswer.Continue;
        }

        ExplainTransfer("mmap", Refusals.Map, served.File, length, offset, result);
        return result;
    }

    private void Trap(RemoteProcess process)
    {
        if (process.CannotBeTraced) return;
        SyscallResult traced = session.Traps.Trace(session, process.Id);
        // One that is being killed may not be traced either.
        if (!traced.IsError || process.Memory.IsGone) return;
        process.CannotBeTraced = true;
        session.Options.Report?.Invoke(
            $"accesses of {process.Name} to mapped registers will fault: it cannot be traced ({traced.Errno}); end its debugger, or allow ptrace of descendants (sysctl kernel.yama.ptrace_scope=1, or a container's --cap-add SYS_PTRACE)");
    }

    private ServedHostFile? Find(int descriptor)
    {
        session.Find(descriptor, out ServedFile? served);
        return served as ServedHostFile;
    }

    // Find has looked the thread up.
    private Caller CallerOf() => session.CurrentThread!.Process.Caller;

    private void ExplainIoctl(HostFile file, uint request, in KernelResult result)
    {
        if (session.Options.Explain is null) return;
        session.Explain($"ioctl({file.Description}, {VfioRequest.NameOf(file.Kind, request)})", result, VfioRequest.RemedyFor(file.Kind, request, result.Errno));
    }

    private void ExplainTransfer(string call, string operation, HostFile file, ulong count, ulong offset, in KernelResult result)
    {
        if (session.Options.Explain is null) return;
        string where = file.Kind == VfioFileKind.Device ? RegionOffset.Format(offset) : $"0x{offset:x}";
        session.Explain(
            string.Create(CultureInfo.InvariantCulture, $"{call}({file.Description}, {where}, {count} bytes)"),
            result,
            Refusals.Explain(operation, result.Errno).Remedy);
    }
}
