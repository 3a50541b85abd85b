// SPDX-License-Identifier: MIT
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Platforms.PowerNv;

/// <summary>A table in the kernel's own memory, which the host bridge reads (powernv/pci-ioda.c: pnv_ioda2_iommu_ops).</summary>
internal sealed class PowerNvTable(int pageShift, ulong start, ulong entries, TceTable tces) : IommuTable(pageShift, start, entries)
{
    /// <summary>The entries.</summary>
    public TceTable Tces { get; } = tces;

    /// <inheritdoc/>
    public override TceTable? Contents => Tces;

    // pnv_tce_xchg
    /// <inheritdoc/>
    public override KernelResult Exchange(ulong entry, ref ulong address, ref TcePermission permissions)
    {
        ulong tce = permissions == TcePermission.None ? 0 : address | (ulong)permissions;

        // The bridge takes no entry that is written only.
        if ((tce & (ulong)TcePermission.Write) != 0) tce |= (ulong)TcePermission.Read;
        if (!Tces.TryExchange(entry - FirstEntry, tce, out ulong old)) return KernelResult.Fail(Errno.ENOMEM, $"no memory for a level of the window's table at 0x{entry << PageShift:x}");
        address = old & ~(ulong)TcePermission.ReadWrite;
        permissions = (TcePermission)old & TcePermission.ReadWrite;
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public override bool TryNext(ref ulong index, ulong end) => Tces.TryNext(ref index, end);

    /// <inheritdoc/>
    protected override void Free() => Tces.Dispose();
}
