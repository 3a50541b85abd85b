// SPDX-License-Identifier: MIT
using System.Diagnostics;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Supervisor.Programs;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Supervisor.Calls;

/// <summary>
/// Carries calls out while somebody traces: looks at the program's arguments before and after, and tells the sink.
/// Used below the session's gate.
/// </summary>
internal sealed class CallRecorder(Session session, ITraceSink sink)
{
    // The most that is looked at of an argument: any structure with some of what follows it.
    private const int MostBytes = 256;
    private const ulong SmallestPage = 4096;

    private readonly byte[] _before = new byte[MostBytes];
    private readonly byte[] _after = new byte[MostBytes];

    /// <summary>An ioctl.</summary>
    public KernelResult Ioctl(HostFile file, Caller caller, uint request, ulong argument)
    {
        int length = Read(caller, VfioRequest.Find(file.Kind, request), argument, _before);
        long started = Stopwatch.GetTimestamp();
        KernelResult result = file.Ioctl(caller, request, argument);
        long ended = Stopwatch.GetTimestamp();
        bool wasRead = length > 0 && caller.Memory.TryRead(argument, _after.AsSpan(0, length));
        sink.Call(Answered(TracedCallKind.Ioctl, started, ended, file, caller, result) with
        {
            Request = request,
            Argument = argument,
            Before = _before.AsSpan(0, length),
            After = wasRead ? _after.AsSpan(0, length) : default,
        });
        return result;
    }

    /// <summary>pread or pwrite; <paramref name="check"/> is a refusal when the file is not to see it.</summary>
    public KernelResult Transfer(HostFile file, Caller caller, bool isWrite, ulong address, ulong count, ulong offset, in KernelResult check)
    {
        int most = (int)Math.Min(count, MostBytes);
        bool hasBefore = isWrite && caller.Memory.TryRead(address, _before.AsSpan(0, most));
        long started = Stopwatch.GetTimestamp();
        KernelResult result = check.IsError ? check
            : isWrite ? file.Write(caller, address, count, offset)
            : file.Read(caller, address, count, offset);
        long ended = Stopwatch.GetTimestamp();
        int read = isWrite ? 0 : (int)Math.Min(Math.Max(result.Value, 0), MostBytes);
        bool hasAfter = read > 0 && caller.Memory.TryRead(address, _after.AsSpan(0, read));
        sink.Call(Answered(isWrite ? TracedCallKind.Write : TracedCallKind.Read, started, ended, file, caller, result) with
        {
            Offset = offset,
            Length = count,
            Before = hasBefore ? _before.AsSpan(0, most) : default,
            After = hasAfter ? _after.AsSpan(0, read) : default,
        });
        return result;
    }

    /// <summary>mmap.</summary>
    public KernelResult Map(HostFile file, Caller caller, in MapRequest request)
    {
        long started = Stopwatch.GetTimestamp();
        KernelResult result = file.Map(in request, out _);
        sink.Call(Answered(TracedCallKind.Map, started, Stopwatch.GetTimestamp(), file, caller, result) with
        {
            Offset = request.Offset,
            Length = request.Length,
        });
        return result;
    }

    /// <summary>An open that was answered.</summary>
    public void Opened(string path, in KernelResult result)
    {
        RemoteProcess? process = session.CurrentThread?.Process;
        sink.Call(new TracedCall
        {
            Kind = TracedCallKind.Open,
            Started = session.Current.Started,
            Ended = Stopwatch.GetTimestamp(),
            Program = process?.Name ?? "program",
            Process = process?.Id ?? session.Current.Thread,
            Thread = session.Current.Thread,
            Path = path,
            Result = result,
            LockedBytes = process?.Caller.Locked.Bytes ?? 0,
        });
    }

    // What all calls on a file have.
    private TracedCall Answered(TracedCallKind kind, long started, long ended, HostFile file, Caller caller, KernelResult result) => new()
    {
        Kind = kind,
        Started = started,
        Ended = ended,
        Program = caller.Name,
        Process = session.CurrentThread!.Process.Id,
        Thread = session.Current.Thread,
        File = file,
        Result = result,
        LockedBytes = caller.Locked.Bytes,
    };

    // The bytes that an ioctl's argument points to; 0 when it points to nothing, or to nothing that can be read.
    private static int Read(Caller caller, VfioRequest? request, ulong argument, byte[] bytes)
    {
        switch (request?.Argument)
        {
            case VfioArgument.Descriptor:
                return caller.Memory.TryRead(argument, bytes.AsSpan(0, sizeof(int))) ? sizeof(int) : 0;
            case VfioArgument.Text:
                int toPageEnd = (int)Math.Min(MostBytes, SmallestPage - (argument & (SmallestPage - 1)));
                return caller.Memory.TryRead(argument, bytes.AsSpan(0, toPageEnd)) ? toPageEnd : 0;
            case VfioArgument.Structure:
                if (!caller.Memory.TryRead(argument, bytes.AsSpan(0, sizeof(uint)))) return 0;
                int length = (int)Math.Clamp(BitConverter.ToUInt32(bytes), sizeof(uint), MostBytes);
                return caller.Memory.TryRead(argument, bytes.AsSpan(0, length)) ? length : sizeof(uint);
            default:
                return 0;
        }
    }
}
