// SPDX-License-Identifier: MIT
using System.Diagnostics;

namespace VfioSharp.Host.Callers;

/// <summary>
/// An eventfd of a modelled process: a counter that can be waited for (fs/eventfd.c). Thread-safe; signalling does
/// not allocate. It is its own reference for the host (eventfd_ctx).
/// </summary>
internal sealed class SoftwareEvent : IEventHandle
{
    private readonly object _lock = new(); // Guards _count, _subscribers and _watches; waited on. Innermost.
    private readonly List<SemaphoreSlim> _watches = [];
    private ulong _count;
    private Subscription? _subscribers;
    private int _descriptors = 1;

    public SoftwareEvent(ulong initial) => _count = initial;

    /// <summary>One more descriptor (dup, fork).</summary>
    public void Acquire() => Interlocked.Increment(ref _descriptors);

    /// <summary>One descriptor less; with the last one those who listen are told (eventfd_release).</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _descriptors) != 0) return;
        Subscription? notify;
        lock (_lock) notify = _subscribers;
        for (; notify is not null; notify = notify.Next) notify.Close();
    }

    /// <summary>Adds to the counter; false when it would overflow (EAGAIN for a non-blocking writer).</summary>
    public bool TryWrite(ulong value)
    {
        Subscription? notify;
        lock (_lock)
        {
            if (value > ulong.MaxValue - 1 - _count) return false;
            _count += value;
            notify = _subscribers;
            if (notify is not null && _count != 0) _count = 0;
            Monitor.PulseAll(_lock);
            foreach (SemaphoreSlim waiter in _watches) waiter.Release();
        }

        for (; notify is not null && value != 0; notify = notify.Next) notify.Invoke();
        return true;
    }

    /// <summary>eventfd_signal: adds one, saturating.</summary>
    public void Signal()
    {
        if (!TryWrite(1)) Debug.WriteLine("an eventfd's counter is full: the signal is lost, as in Linux");
    }

    /// <summary>Takes the whole count; false when it is zero.</summary>
    public bool TryRead(out ulong count)
    {
        lock (_lock)
        {
            count = _count;
            _count = 0;
            return count != 0;
        }
    }

    /// <summary>Waits until the count is not zero (poll POLLIN); -1 waits for ever.</summary>
    public bool Poll(int timeoutMilliseconds)
    {
        long deadline = timeoutMilliseconds < 0 ? long.MaxValue : Environment.TickCount64 + timeoutMilliseconds;
        lock (_lock)
        {
            while (_count == 0)
            {
                long left = deadline == long.MaxValue ? int.MaxValue : deadline - Environment.TickCount64;
                if (left <= 0) return false;
                Monitor.Wait(_lock, (int)Math.Min(left, int.MaxValue));
            }

            return true;
        }
    }

    /// <summary>Releases <paramref name="waiter"/> with each signal, for those who wait for several events, until it is disposed.</summary>
    public IDisposable Watch(SemaphoreSlim waiter)
    {
        lock (_lock) _watches.Add(waiter);
        return new Watching(this, waiter);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action signalled, Action? closed = null)
    {
        var subscription = new Subscription(this, signalled, closed);
        bool pending;
        lock (_lock)
        {
            subscription.Next = _subscribers;
            _subscribers = subscription;
            pending = _count != 0;
            _count = 0;
        }

        // virqfd.c: vfio_virqfd_enable: a count already there counts as a first signal.
        if (pending) subscription.Invoke();
        return subscription;
    }

    /// <summary>A reference of the host's ends: nothing to give back, the counter lives as long as somebody refers to it.</summary>
    void IDisposable.Dispose()
    {
    }

    private sealed class Watching(SoftwareEvent target, SemaphoreSlim waiter) : IDisposable
    {
        public void Dispose()
        {
            lock (target._lock) target._watches.Remove(waiter);
        }
    }

    private sealed class Subscription(SoftwareEvent target, Action signalled, Action? closed) : IDisposable
    {
        private volatile bool _ended;

        public Subscription? Next { get; set; }

        public void Invoke()
        {
            if (!_ended) signalled();
        }

        public void Close()
        {
            if (!_ended) closed?.Invoke();
        }

        public void Dispose()
        {
            _ended = true;
            lock (target._lock)
            {
                if (target._subscribers == this)
                {
                    target._subscribers = Next;
                    return;
                }

                for (Subscription? s = target._subscribers; s is not null; s = s.Next)
                {
                    if (s.Next == this) s.Next = Next;
                }
            }
        }
    }
}
