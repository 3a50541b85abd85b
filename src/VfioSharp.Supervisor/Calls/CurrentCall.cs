// SPDX-License-Identifier: MIT
namespace VfioSharp.Supervisor.Calls;

/// <summary>The system call that is being served. There is one at a time: calls are served below the session's gate.</summary>
internal sealed class CurrentCall
{
    /// <summary>The notification's cookie.</summary>
    public ulong Id { get; set; }

    /// <summary>The calling thread.</summary>
    public int Thread { get; set; }

    /// <summary>When it was taken up; known only while somebody traces.</summary>
    public long Started { get; set; }

    /// <summary>Whether the thread was seen to wait after something was read of it: then a write need not ask again.</summary>
    public bool IsKnownValid { get; set; }
}
