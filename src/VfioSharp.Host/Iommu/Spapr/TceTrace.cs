// SPDX-License-Identifier: MIT

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>Something that happened to a partitionable endpoint's windows.</summary>
public enum TceEventKind
{
    /// <summary>VFIO took the endpoint from the host.</summary>
    OwnershipTaken,

    /// <summary>The host has the endpoint again.</summary>
    OwnershipReleased,

    /// <summary>A table was made.</summary>
    TableCreated,

    /// <summary>A table became a window.</summary>
    WindowSet,

    /// <summary>Entries of a window were cleared.</summary>
    EntriesCleared,

    /// <summary>A window was removed.</summary>
    WindowUnset,
}

/// <summary>One such event.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Endpoint">The endpoint's name; of a table shared by several, the first one's.</param>
/// <param name="Start">First bus address of the window; 0 for ownership.</param>
/// <param name="Entries">How many entries: of the window, or those that were cleared.</param>
public readonly record struct TceEvent(TceEventKind Kind, string Endpoint, ulong Start, ulong Entries);

/// <summary>The last events of a machine's windows, for listings and tests. Thread-safe; recording does not allocate.</summary>
public sealed class TceTrace
{
    private readonly RecentEvents<TceEvent> _events = new();

    /// <summary>The last events, oldest first, at most 256.</summary>
    public IReadOnlyList<TceEvent> Recent() => _events.Snapshot();

    internal void Record(TceEventKind kind, string endpoint, ulong start = 0, ulong entries = 0) =>
        _events.Record(new TceEvent(kind, endpoint, start, entries));
}
