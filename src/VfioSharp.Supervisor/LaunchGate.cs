// SPDX-License-Identifier: MIT
namespace VfioSharp.Supervisor;

/// <summary>
/// Keeps the start of one program apart from the handing out of files to others. A program that is being started has a
/// copy of all descriptors of this process until its exec: a file handed out in that moment would seem open after its
/// program closed it, and the close would be heard too late (inotify tells of the last one).
/// </summary>
internal static class LaunchGate
{
    // Guards this process's descriptors of files that are handed out: read while there are some, written while a
    // program starts. Taken below a session's gate; nothing else is taken below it.
    private static readonly ReaderWriterLockSlim s_lock = new();

    /// <summary>Starts a program while nobody hands out a file.</summary>
    public static T Launch<T>(Func<T> start)
    {
        s_lock.EnterWriteLock();
        try
        {
            return start();
        }
        finally
        {
            s_lock.ExitWriteLock();
        }
    }

    /// <summary>Hands out a file while no program starts.</summary>
    public static T HandOut<T>(Func<T> handOut)
    {
        s_lock.EnterReadLock();
        try
        {
            return handOut();
        }
        finally
        {
            s_lock.ExitReadLock();
        }
    }
}
