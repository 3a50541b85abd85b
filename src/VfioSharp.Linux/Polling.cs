// SPDX-License-Identifier: MIT
using System.Diagnostics;

namespace VfioSharp.Linux;

/// <summary>What <see cref="Polling.Wait(int, int, out PollEvents)"/> saw, with poll(2)'s values.</summary>
[Flags]
public enum PollEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>POLLIN.</summary>
    Readable = 1,

    /// <summary>POLLERR.</summary>
    Error = 8,

    /// <summary>POLLHUP.</summary>
    HungUp = 16,

    /// <summary>POLLNVAL: not an open descriptor.</summary>
    NotOpen = 32,
}

/// <summary>poll(2).</summary>
public static unsafe class Polling
{
    /// <summary>
    /// Waits until <paramref name="descriptor"/> is readable or hung up. ETIMEDOUT after
    /// <paramref name="timeoutMilliseconds"/> (-1: for ever). Interruptions by signals are waited through.
    /// </summary>
    public static SyscallResult Wait(int descriptor, int timeoutMilliseconds, out PollEvents events)
    {
        Span<int> one = [descriptor];
        Span<PollEvents> seen = stackalloc PollEvents[1];
        SyscallResult result = Wait(one, timeoutMilliseconds, seen);
        events = seen[0];
        return result;
    }

    /// <summary>Waits for any of several descriptors; at most 16.</summary>
    public static SyscallResult Wait(ReadOnlySpan<int> descriptors, int timeoutMilliseconds, Span<PollEvents> events)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, 16);
        PollDescriptor* polled = stackalloc PollDescriptor[16];
        for (int i = 0; i < descriptors.Length; i++)
            polled[i] = new PollDescriptor { Descriptor = descriptors[i], Events = (short)PollEvents.Readable };

        long started = Stopwatch.GetTimestamp();
        int left = timeoutMilliseconds;
        while (true)
        {
            // SAFETY: polled has at least descriptors.Length entries in this frame.
            SyscallResult result = SyscallResult.FromLibc(Interop.Poll(polled, (nuint)descriptors.Length, left));
            if (result.Errno == Errno.EINTR)
            {
                if (timeoutMilliseconds > 0)
                    left = Math.Max(0, timeoutMilliseconds - (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                continue;
            }

            for (int i = 0; i < descriptors.Length; i++) events[i] = (PollEvents)polled[i].Returned;
            return result.Value == 0 ? SyscallResult.Fail(Errno.ETIMEDOUT) : result;
        }
    }
}
