// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Iommu;

/// <summary>A domain of mapped ranges, as Type1 makes it. Mappings change under the lock.</summary>
internal sealed class MappingDomain : IommuDomain
{
    /// <summary>
    /// Guards <see cref="Mappings"/>. Order: after the group registry's lock. DMA takes it when a translation is not
    /// cached, inside an access: so nobody may wait for accesses while holding it.
    /// </summary>
    public RankedLock Lock { get; } = new(LockRank.Domain);

    /// <summary>The translations.</summary>
    public MappingTree Mappings { get; } = new();

    /// <inheritdoc/>
    public override void WaitForAccesses()
    {
        System.Diagnostics.Debug.Assert(!Lock.IsHeldByCurrentThread, "an access under way may need the domain's lock");
        base.WaitForAccesses();
    }

    /// <inheritdoc/>
    public override DmaTranslation Translate(ulong iova, Iotlb cache)
    {
        ref DmaMapping? slot = ref cache.Slot(iova);
        DmaMapping? cached = Volatile.Read(ref slot);
        if (cached is not null)
        {
            ulong offset = iova - cached.Start;
            if (offset < cached.Size && cached.Live && cached.Domain == this) return Within(cached, offset);
        }

        return Walk(iova, ref slot);
    }

    private DmaTranslation Walk(ulong iova, ref DmaMapping? slot)
    {
        DmaMapping? found;
        using (Lock.EnterScope()) found = Mappings.FindOverlap(iova, iova);
        if (found is null) return DmaTranslation.None(iova, DmaFaultReason.NotMapped);
        Volatile.Write(ref slot, found);
        return Within(found, iova - found.Start);
    }

    private static DmaTranslation Within(DmaMapping mapping, ulong offset) => new(mapping.Memory, offset, mapping.Size - offset, mapping.Access);
}
