// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Interrupts;

/// <summary>
/// Listens to many eventfds and calls a handler for each signal, with the machine's lock held: on a thread of its own
/// (<see cref="Start"/>) or whenever the monitor asks (<see cref="RunPending"/>).
/// </summary>
/// <remarks>
/// <see cref="Listen"/>, ending it and <see cref="CreateTimer"/> are called with the lock held: no handler runs once its
/// registration has ended. <see cref="Start"/>, <see cref="RunPending"/> and <see cref="Dispose"/> are called without it.
/// </remarks>
public sealed class EventLoop : IDisposable
{
    private readonly TimeProvider _time;
    private readonly VfioEvent _changed;

    // Guarded by Gate. What a turn goes through is made anew when registrations change, and else kept.
    private readonly List<Registration> _registrations = [];
    private Turn? _turn;
    private Thread? _thread;
    private volatile bool _stopping;

    /// <summary>Makes one that listens to nothing yet.</summary>
    /// <param name="kernel">Whose eventfds they are.</param>
    /// <param name="gate">The machine's lock. It is taken before any lock of this library's, and handlers run in it.</param>
    /// <param name="time">The clock of timers; null: the system's.</param>
    public EventLoop(IVfioKernel kernel, Lock gate, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Kernel = kernel;
        Gate = gate ?? throw new ArgumentNullException(nameof(gate));
        _time = time ?? TimeProvider.System;
        _changed = VfioEvent.Create(kernel, "wake-up of the event loop");
    }

    /// <summary>The machine's lock: held by handlers, and by whoever calls this library while the loop's thread runs.</summary>
    public Lock Gate { get; }

    /// <summary>Whose eventfds they are.</summary>
    public IVfioKernel Kernel { get; }

    /// <summary>How many eventfds are listened to.</summary>
    public int Listening => _registrations.Count;

    /// <summary>Calls <paramref name="signalled"/> for each signal, until what is returned is disposed. Signals may be merged.</summary>
    public IDisposable Listen(VfioEvent source, Action signalled)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(signalled);
        var registration = new Registration(this, source, signalled);
        _registrations.Add(registration);
        RegistrationsChanged();
        return registration;
    }

    /// <summary>A timer whose handler runs with the machine's lock held.</summary>
    public GateTimer CreateTimer(Action elapsed) => new(Gate, _time, elapsed);

    /// <summary>Starts a thread that listens until the loop is disposed.</summary>
    public void Start()
    {
        if (_thread is not null) throw new InvalidOperationException("the event loop has its thread already");
        _thread = new Thread(Run) { IsBackground = true, Name = "guest interrupts" };
        _thread.Start();
    }

    /// <summary>Calls the handlers of what is signalled, once each; waits for the first of them.</summary>
    /// <param name="timeout">How long to wait at most; zero: not at all.</param>
    /// <returns>How many were called.</returns>
    public int RunPending(TimeSpan timeout)
    {
        Turn turn;
        lock (Gate) turn = _turn ??= MakeTurn();
        (Registration[] registrations, int[] descriptors) = turn;
        int called = 0;
        int wait = timeout == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Min(Math.Ceiling(timeout.TotalMilliseconds), int.MaxValue);
        for (int next = 0; next < descriptors.Length;)
        {
            KernelResult ready = Kernel.WaitAnyEvent(descriptors.AsSpan(next), called == 0 && next == 0 ? wait : 0);
            if (ready.IsError) break;
            next += (int)ready.Value;
            if (next < registrations.Length && Call(registrations[next])) called++;
            next++;
        }

        return called;
    }

    /// <summary>Stops the thread. Not to be called with the machine's lock held.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        _changed.Signal();
        _thread?.Join();
        _changed.Dispose();
    }

    private void Run()
    {
        while (!_stopping) RunPending(Timeout.InfiniteTimeSpan);
    }

    private void RegistrationsChanged()
    {
        _turn = null;
        _changed.Signal();
    }

    // The last descriptor wakes the loop when registrations change.
    private Turn MakeTurn()
    {
        _changed.TryTake(0, out _);
        return new Turn([.. _registrations], [.. _registrations.Select(one => one.Source.Descriptor), _changed.Descriptor]);
    }

    private bool Call(Registration registration)
    {
        lock (Gate)
        {
            // Its eventfd may be closed, and its number another's, once the registration has ended.
            if (registration.HasEnded || !registration.Source.TryTake(0, out _)) return false;
            registration.Signalled();
            return true;
        }
    }

    private sealed record Turn(Registration[] Registrations, int[] Descriptors);

    private sealed class Registration(EventLoop loop, VfioEvent source, Action signalled) : IDisposable
    {
        public VfioEvent Source => source;

        public Action Signalled => signalled;

        public bool HasEnded { get; private set; }

        public void Dispose()
        {
            if (HasEnded) return;
            HasEnded = true;
            loop._registrations.Remove(this);
            loop.RegistrationsChanged();
        }
    }
}
