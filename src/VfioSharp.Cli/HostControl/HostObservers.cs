// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Tracing;
using VfioSharp.Host;
using VfioSharp.Supervisor.Tracing;

namespace VfioSharp.Cli.HostControl;

/// <summary>Who of a host's clients traces its devices. With none, the host looks at nothing. Thread-safe.</summary>
internal sealed class HostObservers(SoftwareHost host)
{
    // Guards the list and the host's observer. Nothing is taken under it.
    private readonly Lock _lock = new();
    private readonly List<ITraceSink> _sinks = [];

    /// <summary>Begins to tell.</summary>
    public void Add(ITraceSink sink)
    {
        lock (_lock)
        {
            _sinks.Add(sink);
            Set();
        }
    }

    /// <summary>Ends it. An event under way may still arrive.</summary>
    public void Remove(ITraceSink sink)
    {
        lock (_lock)
        {
            _sinks.Remove(sink);
            Set();
        }
    }

    private void Set() => host.Observer = _sinks.Count == 0 ? null : new TraceFan([.. _sinks]);
}
