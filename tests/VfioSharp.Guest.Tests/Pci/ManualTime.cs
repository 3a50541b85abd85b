// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Tests.Pci;

/// <summary>A clock whose timers fire when a test says so.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];

    /// <summary>How many timers wait to fire.</summary>
    public int Waiting => _timers.Count(timer => timer.IsArmed);

    /// <summary>Fires each timer that waits.</summary>
    public void Elapse()
    {
        foreach (ManualTimer timer in _timers.ToArray())
            if (timer.IsArmed) timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(callback, state);
        _timers.Add(timer);
        return timer;
    }

    private sealed class ManualTimer(TimerCallback callback, object? state) : ITimer
    {
        public bool IsArmed { get; private set; }

        public void Fire()
        {
            IsArmed = false;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            IsArmed = dueTime != Timeout.InfiniteTimeSpan;
            return true;
        }

        public void Dispose() => IsArmed = false;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
