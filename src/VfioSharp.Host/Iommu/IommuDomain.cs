// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Iommu;

/// <summary>
/// An I/O address space: the translations that the DMA of all groups attached to it goes by. DMA enters without a
/// lock and is waited for before memory goes away, as an IOTLB flush waits.
/// </summary>
internal abstract class IommuDomain
{
    // Accesses under way, by the parity of the epoch they began in.
    private int _even;
    private int _odd;
    private int _epoch;

    // Guards the advance of _epoch, so that one flush ends before the next begins. Innermost; never taken by DMA.
    private readonly RankedLock _flushLock = new(LockRank.DmaAccess);

    /// <summary>An access begins; what it translates stays until <see cref="EndAccess"/>.</summary>
    public int BeginAccess()
    {
        if (LockOrder.IsChecked) LockOrder.EnteringWithoutWait(this, LockRank.DmaAccess);
        while (true)
        {
            int epoch = Volatile.Read(ref _epoch);
            Interlocked.Increment(ref Counter(epoch));
            if (Volatile.Read(ref _epoch) == epoch) return epoch;

            // A flush came between: this access belongs to the new epoch.
            Interlocked.Decrement(ref Counter(epoch));
        }
    }

    /// <summary>An access ends.</summary>
    public void EndAccess(int epoch)
    {
        Interlocked.Decrement(ref Counter(epoch));
        if (LockOrder.IsChecked) LockOrder.Left(this);
    }

    /// <summary>Waits until every access that began before the call has ended. No lock that translating takes may be held.</summary>
    public virtual void WaitForAccesses()
    {
        using (_flushLock.EnterScope())
        {
            int old = _epoch;
            Interlocked.Increment(ref _epoch);
            var spin = default(SpinWait);
            while (Volatile.Read(ref Counter(old)) != 0) spin.SpinOnce();
        }
    }

    /// <summary>
    /// What stands behind an IOVA; inside an access. <paramref name="cache"/> is the requester's IOTLB, for domains
    /// that need one. Does not allocate.
    /// </summary>
    public abstract DmaTranslation Translate(ulong iova, Iotlb cache);

    private ref int Counter(int epoch) => ref (epoch & 1) == 0 ? ref _even : ref _odd;
}

/// <summary>What stands behind an IOVA, and how far on.</summary>
/// <param name="Memory">The memory; null when nothing is mapped.</param>
/// <param name="Offset">Where in it.</param>
/// <param name="Length">Bytes from the IOVA on that the answer holds for; not 0.</param>
/// <param name="Access">What the device may do.</param>
/// <param name="Fault">Why nothing is mapped.</param>
internal readonly record struct DmaTranslation(
    IPinnedMemory? Memory, ulong Offset, ulong Length, DmaAccess Access, DmaFaultReason Fault = DmaFaultReason.NotMapped)
{
    /// <summary>Nothing is mapped from here to the next 4 KiB page.</summary>
    public static DmaTranslation None(ulong iova, DmaFaultReason reason) => new(null, 0, 4096 - (iova & 4095), DmaAccess.None, reason);
}

/// <summary>
/// A requester's cache of translations. Written and read without a lock: an entry counts only while its mapping lives
/// and belongs to the current domain.
/// </summary>
internal sealed class Iotlb
{
    private const int Size = 64;

    private readonly DmaMapping?[] _entries = new DmaMapping?[Size];

    /// <summary>The entry that an IOVA would be in.</summary>
    public ref DmaMapping? Slot(ulong iova) => ref _entries[(int)((iova >> 12) ^ (iova >> 21)) & (Size - 1)];
}
