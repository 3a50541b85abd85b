// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Iommu;

/// <summary>
/// An I/O address space: the translations that the DMA of all groups attached to it goes by. Translations change under
/// the lock; DMA enters without one and is waited for before memory goes away, as an IOTLB flush waits.
/// </summary>
internal sealed class IommuDomain
{
    // Accesses under way, by the parity of the epoch they began in.
    private int _even;
    private int _odd;
    private int _epoch;

    // Guards the advance of _epoch, so that one flush ends before the next begins. Innermost; never taken by DMA.
    private readonly Lock _flushLock = new();

    /// <summary>
    /// Guards <see cref="Mappings"/>. Order: after the group registry's lock. DMA takes it when a translation is not
    /// cached, inside an access: so nobody may wait for accesses while holding it.
    /// </summary>
    public Lock Lock { get; } = new();

    /// <summary>The translations.</summary>
    public MappingTree Mappings { get; } = new();

    /// <summary>An access begins; what it translates stays until <see cref="EndAccess"/>.</summary>
    public int BeginAccess()
    {
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
    public void EndAccess(int epoch) => Interlocked.Decrement(ref Counter(epoch));

    /// <summary>Waits until every access that began before the call has ended. The lock must not be held.</summary>
    public void WaitForAccesses()
    {
        System.Diagnostics.Debug.Assert(!Lock.IsHeldByCurrentThread, "an access under way may need the domain's lock");
        lock (_flushLock)
        {
            int old = _epoch;
            Interlocked.Increment(ref _epoch);
            var spin = default(SpinWait);
            while (Volatile.Read(ref Counter(old)) != 0) spin.SpinOnce();
        }
    }

    /// <summary>The mapping at an IOVA, or null: the walk after a miss.</summary>
    public DmaMapping? Find(ulong iova)
    {
        lock (Lock) return Mappings.FindOverlap(iova, iova);
    }

    private ref int Counter(int epoch) => ref (epoch & 1) == 0 ? ref _even : ref _odd;
}
