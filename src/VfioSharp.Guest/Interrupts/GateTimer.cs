// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Interrupts;

/// <summary>A timer whose handler runs with the machine's lock held. Its members are called with that lock held, too.</summary>
public sealed class GateTimer : IDisposable
{
    private readonly Lock _gate;
    private readonly Action _elapsed;
    private readonly ITimer _timer;
    private bool _isArmed;

    internal GateTimer(Lock gate, TimeProvider time, Action elapsed)
    {
        _gate = gate;
        _elapsed = elapsed;
        _timer = time.CreateTimer(static self => ((GateTimer)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Fires once after <paramref name="delay"/>, counted from now; an earlier time that was set is forgotten.</summary>
    public void Start(TimeSpan delay)
    {
        _isArmed = true;
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Does not fire any more.</summary>
    public void Stop()
    {
        _isArmed = false;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops it for good.</summary>
    public void Dispose()
    {
        _isArmed = false;
        _timer.Dispose();
    }

    private void Fire()
    {
        lock (_gate)
        {
            // Stopped while this thread waited for the lock.
            if (!_isArmed) return;
            _isArmed = false;
            _elapsed();
        }
    }
}
