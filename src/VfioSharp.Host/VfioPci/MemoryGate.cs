// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// Accesses to a device's memory against what takes that memory away for a while: decoding, power, resets
/// (vfio_pci_core.c: memory_lock). An access sees the device as it is before or after such a change, never during it.
/// </summary>
/// <remarks>
/// Accesses enter without a lock and may nest (a device's DMA into a BAR). Closing waits for those under way, so it is
/// done before the configuration's lock and those of interrupts are taken, which an access may need.
/// </remarks>
internal sealed class MemoryGate
{
    // Accesses this thread is in, of any device: a nested one must not wait for a gate that waits for the outer one.
    [ThreadStatic]
    private static int t_depth;

    // Guards the closing as a whole.
    private readonly RankedLock _closing = new(LockRank.MemoryGate);
    private int _accesses;
    private int _closed;
    private int _nested;

    /// <summary>An access begins; waits while the gate is closed.</summary>
    public void Enter()
    {
        if (LockOrder.IsChecked) NoteAccess();
        var spin = default(SpinWait);
        while (true)
        {
            Interlocked.Increment(ref _accesses);
            if (t_depth != 0 || Volatile.Read(ref _closed) == 0) break;
            Interlocked.Decrement(ref _accesses);
            while (Volatile.Read(ref _closed) != 0) spin.SpinOnce();
        }

        t_depth++;
    }

    /// <summary>An access ends.</summary>
    public void Exit()
    {
        t_depth--;
        Interlocked.Decrement(ref _accesses);
        if (LockOrder.IsChecked) LockOrder.Left(this);
    }

    /// <summary>Keeps accesses out until the result is disposed, on this thread; those under way have ended.</summary>
    public Closing Close()
    {
        _closing.Enter();
        if (_nested++ == 0)
        {
            Interlocked.Exchange(ref _closed, 1);
            var spin = default(SpinWait);
            while (Volatile.Read(ref _accesses) > t_depth) spin.SpinOnce();
        }

        return new Closing(this);
    }

    /// <summary>Undoes one <see cref="Close"/>, on the thread that closed.</summary>
    public void Reopen()
    {
        if (--_nested == 0) Volatile.Write(ref _closed, 0);
        _closing.Exit();
    }

    // The outermost access may wait for a gate, and so must come in the order of locks.
    private void NoteAccess()
    {
        if (t_depth == 0) LockOrder.Entering(this, LockRank.MemoryGate);
        else LockOrder.EnteringWithoutWait(this, LockRank.MemoryGate);
    }

    /// <summary>A closed gate; disposing opens it.</summary>
    internal readonly ref struct Closing(MemoryGate gate)
    {
        public void Dispose() => gate.Reopen();
    }
}
