// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Locking;

/// <summary>
/// Watches that every thread takes locks in the order of <see cref="LockRank"/>, as lockdep does in Linux. On in debug
/// builds, and in release builds by the AppContext switch <c>VfioSharp.CheckLockOrder</c>, which all tests set.
/// </summary>
public static class LockOrder
{
    /// <summary>Whether the order is watched. Read once: when it is off, the checks are not compiled at all.</summary>
    public static readonly bool IsChecked = Switch();

    [ThreadStatic]
    private static List<(object Lock, LockRank Rank)>? t_held;

    /// <summary>Locks, accesses to gates and DMA accesses that this thread is in; 0 when the order is not watched.</summary>
    public static int Held => t_held?.Count ?? 0;

    /// <summary>This thread takes a lock. Throws when that may end in a deadlock, though today it would not.</summary>
    internal static void Entering(object entered, LockRank rank)
    {
        List<(object Lock, LockRank Rank)> held = t_held ??= new(64);
        bool underRegistry = false;
        bool isAgain = false;
        (object Lock, LockRank Rank)? later = null;
        foreach ((object Lock, LockRank Rank) one in held)
        {
            if (one.Lock == entered) isAgain = true;
            if (one.Rank == LockRank.GroupRegistry) underRegistry = true;
            if (one.Rank >= rank) later = one;
        }

        // Who holds it already does not wait for it.
        if (!isAgain && later is { } other && !(other.Rank == rank && MayHoldSeveral(rank, underRegistry)))
        {
            throw new LockOrderException($"a lock of rank {rank} is taken under one of rank {other.Rank}; held: {string.Join(", ", held.Select(one => one.Rank))}");
        }

        held.Add((entered, rank));
    }

    /// <summary>This thread goes into what never waits while it is in another of the kind: it is noted, not judged.</summary>
    internal static void EnteringWithoutWait(object entered, LockRank rank) => (t_held ??= new(64)).Add((entered, rank));

    /// <summary>This thread lets a lock go.</summary>
    internal static void Left(object left)
    {
        List<(object Lock, LockRank Rank)> held = t_held!;
        for (int i = held.Count - 1; i >= 0; i--)
        {
            if (held[i].Lock != left) continue;
            held.RemoveAt(i);
            return;
        }

        throw new LockOrderException("a lock is let go that this thread does not hold");
    }

    // A physical function is bound before its virtual ones; a hot reset stops several devices, one hot reset at a time.
    private static bool MayHoldSeveral(LockRank rank, bool underRegistry) =>
        rank == LockRank.Binding || (underRegistry && rank is (LockRank.MemoryGate or LockRank.Intx));

    private static bool Switch()
    {
        if (AppContext.TryGetSwitch("VfioSharp.CheckLockOrder", out bool isOn)) return isOn;
#if DEBUG
        return true;
#else
        return false;
#endif
    }
}
