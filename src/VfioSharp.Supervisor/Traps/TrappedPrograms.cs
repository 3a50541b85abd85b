// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Traps;

/// <summary>Which programs are traced for their mapped registers, and how those ended that a tracer saw end. Thread-safe.</summary>
internal sealed class TrappedPrograms
{
    // A tracer that has reaped a program is about to say so.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // Guards both. Innermost; below the session's gate.
    private readonly Lock _lock = new();
    private readonly HashSet<int> _traced = [];
    private readonly Dictionary<int, TaskCompletionSource<int>> _exitCodes = [];

    /// <summary>Traces a process unless it is. An error: it may not be traced, and its accesses stay faults.</summary>
    public SyscallResult Trace(Session session, int process)
    {
        lock (_lock)
        {
            if (!_traced.Add(process)) return SyscallResult.Ok(0);
            _exitCodes[process] = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // A child of a traced program is traced from its start.
        SyscallResult started = TracerOf(process) != 0 ? SyscallResult.Ok(0) : ProgramTracer.Start(session, process, OnEnded);
        if (started.IsError) Forget(process);
        return started;
    }

    /// <summary>The exit code of a process that a tracer reaped; null when none did.</summary>
    public int? ExitCodeOf(int process)
    {
        TaskCompletionSource<int>? ended;
        lock (_lock) ended = _exitCodes.GetValueOrDefault(process);
        return ended is not null && ended.Task.Wait(s_patience) ? ended.Task.Result : null;
    }

    private void OnEnded(int thread, int code)
    {
        lock (_lock)
        {
            if (_traced.Remove(thread)) _exitCodes[thread].SetResult(code);
        }
    }

    private void Forget(int process)
    {
        lock (_lock)
        {
            _traced.Remove(process);
            _exitCodes.Remove(process);
        }
    }

    private static int TracerOf(int process)
    {
        try
        {
            foreach (string line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")))
                if (line.StartsWith("TracerPid:", StringComparison.Ordinal)) return int.Parse(line.AsSpan(10), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended meanwhile.
        }

        return 0;
    }
}
