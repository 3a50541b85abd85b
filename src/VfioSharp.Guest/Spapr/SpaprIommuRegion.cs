// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>
/// A window of the guest in the address space of its bus' DMA, while it is enabled (hw/ppc/spapr_iommu.c). Whoever
/// mirrors it on the host keeps it out of the kernel that runs the guest, which would not tell of changes.
/// </summary>
public sealed class SpaprIommuRegion : IommuRegion, IDisposable
{
    internal SpaprIommuRegion(MemoryTopology topology, GuestAddressSpace memory, GuestTceTable table)
        : base(topology, table.ToString(), table.PageCount << table.PageShift, memory)
    {
        Table = table;
        table.Changed += Tell;
    }

    /// <summary>The window.</summary>
    public GuestTceTable Table { get; }

    /// <inheritdoc/>
    public override ulong PageSizes => 1UL << Table.PageShift;

    /// <inheritdoc/>
    public override IommuEntry Translate(ulong offset, DmaAccess access) => Entry(offset, Table.Translate(offset));

    /// <summary>The window goes.</summary>
    public void Dispose() => Table.Changed -= Tell;

    /// <inheritdoc/>
    protected override IEnumerable<IommuEntry> MappedEntries() => Table.Mapped().Select(mapped => Entry(mapped.Ioba.Value - Table.Start.Value, mapped.Translation));

    /// <inheritdoc/>
    protected override void NotificationChanged(bool isNeeded) => Table.NeedsNotification = isNeeded;

    // A TCE's permissions are those of DMA, bit by bit.
    private static IommuEntry Entry(ulong offset, TceTranslation translation) =>
        new(offset & ~translation.OffsetMask, translation.Page, translation.OffsetMask, (DmaAccess)translation.Permission);

    private void Tell(Iova ioba, TceTranslation translation) => Notify(Entry(ioba.Value - Table.Start.Value, translation));
}
