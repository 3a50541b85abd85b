// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Callers;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Programs;

/// <summary>
/// Threads and processes that have made calls. Notifications name threads; a thread's process is looked up once, and
/// both are held by descriptors that can name nothing else when their numbers are used again.
/// </summary>
/// <remarks>Used below the session's gate only.</remarks>
internal sealed class ProgramTable(DeviceMemoryLookup devices, Func<RemoteProcess, Caller> makeCaller) : IDisposable
{
    // Each costs a descriptor of this process. Beyond it all are looked up anew.
    private const int MostThreads = 4096;

    private readonly Dictionary<int, RemoteThread> _threads = [];
    private readonly Dictionary<int, RemoteProcess> _processes = [];

    /// <summary>Hears of each process when it is first seen (true) and when it is gone (false).</summary>
    public Action<int, bool>? ProcessChanged { get; init; }

    /// <summary>The processes known.</summary>
    public IReadOnlyCollection<RemoteProcess> Processes => _processes.Values;

    /// <summary>A thread whose call waits. With <paramref name="fresh"/>, what is remembered of its number is not trusted.</summary>
    public SyscallResult Find(int id, bool fresh, out RemoteThread? thread)
    {
        if (_threads.TryGetValue(id, out thread))
        {
            if (!fresh && !HasChangedProgram(thread.Process)) return SyscallResult.Ok(0);
            Forget(id, thread);
        }

        return LookUp(id, out thread);
    }

    /// <summary>The process of a thread, if it is known; nothing new is looked up of it.</summary>
    public RemoteProcess? FindKnown(int thread) =>
        _processes.Count != 0 && ReadThreadGroup(thread) is { } id ? _processes.GetValueOrDefault(id) : null;

    /// <summary>A thread that is remembered, whose process runs the program it ran then.</summary>
    public RemoteThread? FindRemembered(int id) =>
        _threads.TryGetValue(id, out RemoteThread? thread) && !thread.Process.ExecWasCalled ? thread : null;

    /// <summary>Lets go of the processes that ended.</summary>
    public void Reap()
    {
        foreach (RemoteProcess process in _processes.Values.Where(process => process.Descriptor.HasExited).ToList()) Forget(process);
    }

    public void Dispose()
    {
        foreach (RemoteProcess process in _processes.Values.ToList()) Forget(process);
    }

    private static bool HasChangedProgram(RemoteProcess process) => process.ExecWasCalled && process.Memory.IsGone;

    private SyscallResult LookUp(int id, out RemoteThread? thread)
    {
        thread = null;
        if (_threads.Count >= MostThreads)
            foreach ((int number, RemoteThread old) in _threads.ToList()) Forget(number, old);
        SyscallResult result = Descriptors.Open(
            string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/fd"),
            OpenFlags.PathOnly | OpenFlags.Folder | OpenFlags.CloseOnExec,
            out SafeDescriptor? descriptors);
        if (descriptors is null) return result;
        result = FindProcess(id, out RemoteProcess? process);
        if (process is null)
        {
            descriptors.Dispose();
            return result;
        }

        thread = new RemoteThread(process, descriptors);
        _threads.Add(id, thread);
        return result;
    }

    private SyscallResult FindProcess(int thread, out RemoteProcess? process)
    {
        process = null;
        if (ReadThreadGroup(thread) is not { } id) return SyscallResult.Fail(Errno.ESRCH);
        if (_processes.TryGetValue(id, out process))
        {
            if (!process.Descriptor.HasExited && !HasChangedProgram(process)) return SyscallResult.Ok(0);
            Forget(process);
        }

        SyscallResult opened = RemoteProcess.Open(id, devices, makeCaller, out process);
        if (process is null) return opened;
        _processes.Add(id, process);
        ProcessChanged?.Invoke(id, true);
        return opened;
    }

    private static int? ReadThreadGroup(int thread)
    {
        try
        {
            foreach (string line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/status")))
                if (line.StartsWith("Tgid:", StringComparison.Ordinal)) return int.Parse(line.AsSpan(5), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended meanwhile.
        }

        return null;
    }

    private void Forget(int id, RemoteThread thread)
    {
        _threads.Remove(id);
        thread.Dispose();
    }

    private void Forget(RemoteProcess process)
    {
        foreach ((int id, RemoteThread thread) in _threads.Where(entry => entry.Value.Process == process).ToList()) Forget(id, thread);
        _processes.Remove(process.Id);
        process.Dispose();
        ProcessChanged?.Invoke(process.Id, false);
    }
}
