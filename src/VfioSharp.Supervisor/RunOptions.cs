// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Supervisor;

/// <summary>How <see cref="ProgramSupervisor"/> runs a program.</summary>
public sealed record RunOptions
{
    /// <summary>Environment variables added to, or replacing, this process's.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>The program's descriptor 0; null: this process's.</summary>
    public SafeHandle? Input { get; init; }

    /// <summary>The program's descriptor 1; null: this process's.</summary>
    public SafeHandle? Output { get; init; }

    /// <summary>The program's descriptor 2; null: this process's.</summary>
    public SafeHandle? Error { get; init; }

    /// <summary>Hears each refused call, with its reason, in one line. Called while the program waits.</summary>
    public Action<string>? Explain { get; init; }

    /// <summary>Hears each call that is served, and each access to mapped registers; null: nobody, at no cost.</summary>
    public ITraceSink? Trace { get; init; }

    /// <summary>Hears what the supervisor itself has to say (a process that cannot be served), in one line each.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>
    /// Whether accesses to mapped registers of devices are carried out, by tracing the programs that map them. Without
    /// it they raise SIGBUS.
    /// </summary>
    public bool TrapsMappedRegisters { get; init; } = true;

    /// <summary>
    /// Bytes that each program may lock for DMA, whatever its RLIMIT_MEMLOCK and CAP_IPC_LOCK; null: as those say. Nothing is
    /// really locked, so that a program can have more here than this computer would let it.
    /// </summary>
    public ulong? LockedMemoryLimit { get; init; }

    /// <summary>For a program that another process asked for: what it inherits from there; null: all from this process.</summary>
    public ProgramOrigin? Origin { get; init; }

    /// <summary>Gets the program once it runs.</summary>
    public Action<RunningProgram>? Started { get; init; }

    /// <summary>Ends the program and all its descendants that use VFIO, by SIGKILL.</summary>
    public CancellationToken Cancellation { get; init; }
}
