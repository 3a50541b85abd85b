// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Iommu;

/// <summary>The last events of a kind, and how many there were. Thread-safe; recording does not allocate.</summary>
internal sealed class RecentEvents<T>
    where T : struct
{
    private const int Kept = 256;

    // Guards the ring. Innermost.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private readonly T[] _ring = new T[Kept];
    private long _count;

    /// <summary>Events recorded.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Those that are kept, oldest first, at most 256.</summary>
    public IReadOnlyList<T> Snapshot()
    {
        using (_lock.EnterScope())
        {
            int kept = (int)Math.Min(_count, Kept);
            var events = new T[kept];
            for (int i = 0; i < kept; i++) events[i] = _ring[(_count - kept + i) % Kept];
            return events;
        }
    }

    /// <summary>Keeps an event; the oldest makes room.</summary>
    public void Record(in T happened)
    {
        using (_lock.EnterScope()) _ring[_count++ % Kept] = happened;
    }
}
