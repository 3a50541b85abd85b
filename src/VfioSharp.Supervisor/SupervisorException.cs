// SPDX-License-Identifier: MIT
namespace VfioSharp.Supervisor;

/// <summary>A program could not be run below the supervisor: one sentence of cause, one of remedy.</summary>
public sealed class SupervisorException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="cause">What stood in the way.</param>
    /// <param name="remedy">What to do about it.</param>
    public SupervisorException(string cause, string remedy)
        : base($"{cause} {remedy}")
    {
        Cause = cause;
        Remedy = remedy;
    }

    /// <summary>What stood in the way.</summary>
    public string Cause { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }
}
