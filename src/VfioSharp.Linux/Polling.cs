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

    /// <summary>POLLOUT.</summary>
    Writable = 4,

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
    private const int OnStack = 32;

    /// <summary>
    /// Waits until <paramref name="descriptor"/> is readable or hung up. ETIMEDOUT after
    /// <paramref name="timeoutMilliseconds"/> (-1: for ever). Interruptions by signals are waited through.
    /// </summary>
    public static SyscallResult Wait(int descriptor, int timeoutMilliseconds, out PollEvents events) =>
        WaitFor(descriptor, PollEvents.Readable, timeoutMilliseconds, out events);

    /// <summary>Waits until everybody at the other end of <paramref name="descriptor"/> is gone, whatever can be read before.</summary>
    public static SyscallResult WaitForHangUp(int descriptor, int timeoutMilliseconds) =>
        WaitFor(descriptor, PollEvents.None, timeoutMilliseconds, out _);

    /// <summary>Whether a write would not wait now.</summary>
    public static bool IsWritable(int descriptor)
    {
        _ = WaitFor(descriptor, PollEvents.Writable, 0, out PollEvents events);
        return events.HasFlag(PollEvents.Writable);
    }

    /// <summary>Waits until any of several descriptors is readable or hung up.</summary>
    public static SyscallResult Wait(ReadOnlySpan<int> descriptors, int timeoutMilliseconds, Span<PollEvents> events)
    {
        Span<PollDescriptor> polled = descriptors.Length <= OnStack ? stackalloc PollDescriptor[OnStack] : new PollDescriptor[descriptors.Length];
        polled = polled[..descriptors.Length];
        for (int i = 0; i < polled.Length; i++)
            polled[i] = new PollDescriptor { Descriptor = descriptors[i], Events = (short)PollEvents.Readable };
        SyscallResult result = Wait(polled, timeoutMilliseconds);
        for (int i = 0; i < polled.Length; i++) events[i] = (PollEvents)polled[i].Returned;
        return result;
    }

    private static SyscallResult WaitFor(int descriptor, PollEvents wanted, int timeoutMilliseconds, out PollEvents events)
    {
        Span<PollDescriptor> polled = [new PollDescriptor { Descriptor = descriptor, Events = (short)wanted }];
        SyscallResult result = Wait(polled, timeoutMilliseconds);
        events = (PollEvents)polled[0].Returned;
        return result;
    }

    private static SyscallResult Wait(Span<PollDescriptor> polled, int timeoutMilliseconds)
    {
        long started = Stopwatch.GetTimestamp();
        int left = timeoutMilliseconds;
        while (true)
        {
            SyscallResult result;
            // SAFETY: the span is pinned for the call, and its own length bounds what the kernel touches.
            fixed (PollDescriptor* first = polled)
                result = SyscallResult.FromLibc(Interop.Poll(first, (nuint)polled.Length, left));
            if (result.Errno != Errno.EINTR) return result.Value == 0 ? SyscallResult.Fail(Errno.ETIMEDOUT) : result;
            if (timeoutMilliseconds > 0)
                left = Math.Max(0, timeoutMilliseconds - (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
