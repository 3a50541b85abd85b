// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Supervisor;

/// <summary>A program that <see cref="ProgramSupervisor"/> runs. Thread-safe; after its end nothing is done.</summary>
public sealed class RunningProgram
{
    private readonly ProcessDescriptor _program;
    private readonly bool _leadsGroup;
    private readonly Supervision _supervision;

    // Guards _hasEnded, so that the descriptor is not let go in the middle. Outermost: the session's gate is taken under it.
    private readonly Lock _lock = new();
    private bool _hasEnded;

    internal RunningProgram(int id, ProcessDescriptor program, bool leadsGroup, Supervision supervision)
    {
        Id = id;
        _program = program;
        _leadsGroup = leadsGroup;
        _supervision = supervision;
    }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>Sends it a signal; if it leads a process group, to all of that, as a terminal does.</summary>
    public void Signal(int signal)
    {
        lock (_lock)
        {
            if (_hasEnded) return;
            // Until it is reaped its number names no other group; that may be gone already, and then nobody is there.
            if (!_leadsGroup) _ = _program.Signal(signal);
            else if (!_program.HasExited) _ = ProcessDescriptor.SignalGroup(Id, signal);
        }
    }

    /// <summary>Its processes that use the host.</summary>
    public IReadOnlyList<ProgramUser> ListUsers()
    {
        lock (_lock) return _hasEnded ? [] : _supervision.ListUsers();
    }

    /// <summary>It ended.</summary>
    internal void End()
    {
        lock (_lock) _hasEnded = true;
    }
}

/// <summary>A process that uses the host.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name and id, as in messages.</param>
/// <param name="LockedBytes">Its memory that counts as locked for DMA.</param>
public sealed record ProgramUser(int Id, string Name, ulong LockedBytes);
