// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;

namespace VfioSharp.Host.Locking;

/// <summary>
/// A lock with its place in the order of all locks, which <see cref="LockOrder"/> watches when that is switched on.
/// Switched off it costs what <see cref="Lock"/> costs.
/// </summary>
public readonly struct RankedLock
{
    // Guards what the owner's comment says.
    private readonly Lock _lock = new();
    private readonly LockRank _rank;

    /// <summary>Makes a lock of a rank.</summary>
    public RankedLock(LockRank rank) => _rank = rank;

    /// <summary>Whether this thread holds it.</summary>
    public bool IsHeldByCurrentThread => _lock.IsHeldByCurrentThread;

    /// <summary>Takes it until the result is disposed, on this thread. A thread that holds it may take it again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope EnterScope()
    {
        if (LockOrder.IsChecked) LockOrder.Entering(Identity(_lock), _rank);
        return new Scope(_lock);
    }

    /// <summary>Takes it until <see cref="Exit"/>.</summary>
    public void Enter()
    {
        if (LockOrder.IsChecked) LockOrder.Entering(Identity(_lock), _rank);
        _lock.Enter();
    }

    /// <summary>Lets it go once.</summary>
    public void Exit()
    {
        _lock.Exit();
        if (LockOrder.IsChecked) LockOrder.Left(Identity(_lock));
    }

    // Compared, never locked as an object.
#pragma warning disable CS9216, CA1859
    private static object Identity(Lock one) => one;
#pragma warning restore CS9216, CA1859

    /// <summary>A lock that is held; disposing lets it go.</summary>
    public readonly ref struct Scope
    {
        private readonly Lock _held;
        private readonly Lock.Scope _scope;

        internal Scope(Lock held)
        {
            _held = held;
            _scope = held.EnterScope();
        }

        /// <summary>Lets the lock go.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            _scope.Dispose();
            if (LockOrder.IsChecked) LockOrder.Left(Identity(_held));
        }
    }
}
