// SPDX-License-Identifier: MIT
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Platforms.Pseries;

/// <summary>A table that the hypervisor has, set entry by entry by hypercalls (pseries/iommu.c: iommu_table_lpar_multi_ops).</summary>
internal sealed class PseriesTable(DdwFirmware firmware, HypervisorWindow window, ulong size, bool statusIsErrno)
    : IommuTable(window.Window.PageShift, window.Window.Start, size >> window.Window.PageShift)
{
    /// <inheritdoc/>
    public override bool ChecksEntries => true;

    /// <inheritdoc/>
    public override TceTable? Contents => firmware.IsThere(window) ? window.Window.Table : null;

    // tce_exchange_pseries
    /// <inheritdoc/>
    public override KernelResult Exchange(ulong entry, ref ulong address, ref TcePermission permissions)
    {
        ulong tce = permissions == TcePermission.None ? 0 : address | (ulong)permissions;
        HypercallStatus status = firmware.Exchange(window, entry << PageShift, tce, out ulong old);
        if (status != HypercallStatus.Success)
        {
            // The hypercall's number is taken for an error number on the way out.
            var errno = statusIsErrno ? (Errno)(-(int)status) : Errno.EINVAL;
            return KernelResult.Fail(errno, $"the hypervisor refuses an entry at 0x{entry << PageShift:x} (liobn 0x{window.Liobn:x}): H_{status.ToString().ToUpperInvariant()}, outside of the window or removed with it");
        }

        address = old & ~(ulong)TcePermission.ReadWrite;
        permissions = (TcePermission)old & TcePermission.ReadWrite;
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public override bool TryNext(ref ulong index, ulong end) => firmware.TryNext(window, ref index, end);

    /// <summary>The same table with room for the user's addresses (pseries_tce_iommu_userspace_view_alloc), charged as <paramref name="allocatedSize"/> bytes.</summary>
    public PseriesTable WithUserAddresses(ulong allocatedSize) => new(firmware, window, size, statusIsErrno)
    {
        UserAddresses = TceTable.TryCreate(1, System.Numerics.BitOperations.Log2(Math.Max(Entries, 1))),
        AllocatedSize = allocatedSize,
    };
}
