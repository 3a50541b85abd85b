// SPDX-License-Identifier: MIT
namespace VfioSharp.Supervisor;

/// <summary>A program could not be run below the supervisor: one sentence of cause, one of remedy.</summary>
public sealed class SupervisorException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="cause">What stood in the way.</param>
    /// <param name="remedy">What to do about it.</param>
    /// <param name="isCommandWrong">Whether the command is at fault, rather than this computer.</param>
    public SupervisorException(string cause, string remedy, bool isCommandWrong = false)
        : base($"{cause} {remedy}")
    {
        Cause = cause;
        Remedy = remedy;
        IsCommandWrong = isCommandWrong;
    }

    /// <summary>What stood in the way.</summary>
    public string Cause { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }

    /// <summary>Whether the command that was to run is at fault, rather than this computer.</summary>
    public bool IsCommandWrong { get; }
}
