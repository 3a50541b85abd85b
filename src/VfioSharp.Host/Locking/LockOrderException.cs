// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Locking;

/// <summary>Locks were taken in the wrong order: a fault of the host, never of a caller.</summary>
public sealed class LockOrderException : Exception
{
    /// <summary>Makes one.</summary>
    public LockOrderException(string message)
        : base(message)
    {
    }
}
