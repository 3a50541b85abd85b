// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Programs;

/// <summary>Waits for programs' eventfds that the host listens to, on one thread; started with the first of them.</summary>
internal sealed class EventWatcher : IDisposable
{
    // Guards _subscriptions, _thread and _stopped. Not held during callbacks, which take the host's locks.
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly SafeDescriptor _changed;
    private Thread? _thread;
    private bool _stopped;

    public EventWatcher(SafeDescriptor changed) => _changed = changed;

    /// <summary>Calls back each time the event is signalled, and consumes the count.</summary>
    public IDisposable Add(SafeDescriptor descriptor, Action signalled)
    {
        bool held = false;
        descriptor.DangerousAddRef(ref held);
        Subscription subscription = new(this, descriptor, signalled);
        lock (_lock)
        {
            _subscriptions.Add(subscription);
            if (_thread is null && !_stopped)
            {
                _thread = new Thread(Watch) { IsBackground = true, Name = "vfio run: events" };
                _thread.Start();
            }
        }

        Wake();
        return subscription;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ = EventDescriptor.Signal(_changed.Number, 1);
            _stopped = true;
        }

        _thread?.Join();
        foreach (Subscription subscription in _subscriptions) subscription.Descriptor.DangerousRelease();
        _subscriptions.Clear();
        _changed.Dispose();
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (!_stopped) _ = EventDescriptor.Signal(_changed.Number, 1);
        }
    }

    private void Watch()
    {
        List<Subscription> current = [];
        while (true)
        {
            lock (_lock)
            {
                if (_stopped) return;
                foreach (Subscription ended in _subscriptions.Where(subscription => subscription.Ended)) ended.Descriptor.DangerousRelease();
                _subscriptions.RemoveAll(subscription => subscription.Ended);
                current.Clear();
                current.AddRange(_subscriptions);
            }

            int[] numbers = [_changed.Number, .. current.Select(subscription => subscription.Descriptor.Number)];
            PollEvents[] events = new PollEvents[numbers.Length];
            _ = Polling.Wait(numbers, -1, events);
            if (events[0] != PollEvents.None) _ = EventDescriptor.Take(_changed.Number, out _);
            for (int i = 0; i < current.Count; i++)
                if (events[i + 1].HasFlag(PollEvents.Readable)) current[i].Consume();
        }
    }

    private sealed class Subscription(EventWatcher watcher, SafeDescriptor descriptor, Action signalled) : IDisposable
    {
        public SafeDescriptor Descriptor => descriptor;

        public bool Ended { get; private set; }

        public void Consume()
        {
            // The program may have taken the count itself meanwhile: never wait for it here.
            if (!Ended && !EventDescriptor.TakeAtOnce(descriptor.Number, out _).IsError) signalled();
        }

        public void Dispose()
        {
            Ended = true;
            watcher.Wake();
        }
    }
}
