// SPDX-License-Identifier: MIT
namespace VfioSharp.Host;

/// <summary>
/// Linux's oddities that a program can observe, one member each with its source. A host copies those that are set:
/// all of them by default.
/// </summary>
[Flags]
public enum Fidelity
{
    /// <summary>What the documentation promises: none of the oddities.</summary>
    Documented = 0,

    /// <summary>
    /// A dirty bitmap asked for from below a mapping, at a distance that is no multiple of 64 pages, shifts the stored
    /// bitmap itself: bits pushed past its end show up in later answers.
    /// Source: vfio_iommu_type1.c: update_user_bitmap, vfio_iova_dirty_bitmap. Without it only mapped pages are reported.
    /// </summary>
    DirtyBitmapKeepsShiftedBits = 1 << 0,

    /// <summary>
    /// SET_IOMMU with the number of the UNMAP_ALL extension (9) is EINVAL, not ENODEV, since CHECK_EXTENSION says 1.
    /// Source: container.c: vfio_ioctl_set_iommu; vfio_iommu_type1.c: vfio_iommu_type1_open.
    /// </summary>
    UnmapAllPassesForAType = 1 << 1,

    /// <summary>
    /// A write to drivers_probe whose probe fails is EINVAL, whatever the probe said (EBUSY for a group in use).
    /// Source: drivers/base/bus.c: drivers_probe_store. Without it the probe's own error is returned.
    /// </summary>
    FailedProbeIsInvalid = 1 << 2,

    /// <summary>
    /// On sPAPR, MAP_DMA of an IOVA that is no multiple of the window's pages returns 1 and does nothing; UNMAP_DMA
    /// too, and past the window's end. Source: arch/powerpc/include/asm/iommu.h: iommu_tce_put_param_check and
    /// iommu_tce_clear_param_check join errors by ||. Without it: EINVAL.
    /// </summary>
    BadTceRangeReturnsOne = 1 << 3,

    /// <summary>
    /// SPAPR_REGISTER_MEMORY of memory that cannot be pinned whole returns how many pages could be, and registers
    /// nothing. Source: mm/book3s64/iommu_api.c: mm_iommu_do_alloc. Without it: EFAULT.
    /// </summary>
    PartialRegisterReturnsCount = 1 << 4,

    /// <summary>
    /// SPAPR_UNREGISTER_MEMORY of memory that entries of a window point into returns 0: the container forgets it, the
    /// process keeps it pinned and charged, and it can still be mapped. Source: vfio_iommu_spapr_tce.c:
    /// tce_iommu_unregister_pages, which holds a reference of its own meanwhile. Without it: EBUSY, and it stays.
    /// </summary>
    UnregisterInUseSucceeds = 1 << 5,

    /// <summary>
    /// A SPAPR_TCE_CREATE that fails after its table was charged as locked memory does not give the charge back.
    /// Source: vfio_iommu_spapr_tce.c: tce_iommu_create_table. Without it the account is as before.
    /// </summary>
    FailedCreateKeepsCharge = 1 << 6,

    /// <summary>
    /// In a version 1 sPAPR container memory must be writable even for a mapping that the device only reads: the
    /// direction is taken from the low bits of the address. Source: vfio_iommu_spapr_tce.c: tce_iommu_use_page.
    /// Without it the mapping's direction decides.
    /// </summary>
    Version1PinsForWriting = 1 << 7,

    /// <summary>
    /// On pSeries a failed creation of a window marks the endpoint: every later one is ENODEV, in any container, until
    /// the machine restarts. Source: platforms/pseries/iommu.c: failed_ddw_pdn_list. Without it each is tried anew.
    /// </summary>
    FailedCreateMarksEndpoint = 1 << 8,

    /// <summary>
    /// On pSeries a hypercall that refuses an entry reaches the caller as that hypercall's number: H_PARAMETER (-4)
    /// is EINTR. Source: platforms/pseries/iommu.c: tce_exchange_pseries. Without it: EINVAL.
    /// </summary>
    HypercallStatusIsErrno = 1 << 9,

    /// <summary>
    /// Where errors of endpoints are handled, SET_IOMMU with the number of the EEH extension (5) is EINVAL, not ENODEV,
    /// since CHECK_EXTENSION says 1. Source: container.c: vfio_ioctl_set_iommu; vfio_iommu_spapr_tce.c: tce_iommu_open.
    /// </summary>
    EehPassesForAType = 1 << 10,

    /// <summary>
    /// SPAPR_REGISTER_MEMORY of nothing is ENOMEM: a list of no pages is not allocated. Source: mm/book3s64/iommu_api.c:
    /// mm_iommu_do_alloc. Without it: EINVAL.
    /// </summary>
    RegisterNothingIsNoMemory = 1 << 11,

    /// <summary>
    /// Registered memory that begins with huge pages counts as huge whole: what lies in its small pages is refused with
    /// EPERM, each by itself, by a window of larger pages. Source: mm/book3s64/iommu_api.c: mm_iommu_do_alloc, which looks
    /// at pages after the first only when they are huge. Without it the smallest page decides, and MAP_DMA is EINVAL.
    /// </summary>
    MixedPagesCountAsHuge = 1 << 12,

    /// <summary>
    /// On pSeries GET_INFO's pgsizes lacks 16 GiB, which firmware may have, and SPAPR_TCE_CREATE with it is EINVAL.
    /// Source: platforms/pseries/iommu.c: query_page_size_to_mask, which keeps the bitmap in an int.
    /// </summary>
    HugestPageSizeIsLost = 1 << 13,

    /// <summary>
    /// On pSeries without firmware's calls for windows GET_INFO says that there can be 4294967295 of them, with 0 levels.
    /// Source: platforms/pseries/iommu.c: spapr_tce_init_table_group. Without it: one, with one level.
    /// </summary>
    NoWindowCallsIsMinusOneWindow = 1 << 14,

    /// <summary>
    /// On pSeries a window of more than one level asks for 4 GiB of locked memory before it is refused: ENOMEM under a
    /// limit, and else the charge stays (<see cref="FailedCreateKeepsCharge"/>). Source: platforms/pseries/iommu.c:
    /// spapr_tce_get_table_size. Without it: EINVAL, and nothing is charged.
    /// </summary>
    ManyLevelsCostFourGigabytes = 1 << 15,

    /// <summary>Everything that Linux 7.2 does.</summary>
    Linux = DirtyBitmapKeepsShiftedBits | UnmapAllPassesForAType | FailedProbeIsInvalid | BadTceRangeReturnsOne |
        PartialRegisterReturnsCount | UnregisterInUseSucceeds | FailedCreateKeepsCharge | Version1PinsForWriting |
        FailedCreateMarksEndpoint | HypercallStatusIsErrno | EehPassesForAType | RegisterNothingIsNoMemory |
        MixedPagesCountAsHuge | HugestPageSizeIsLost | NoWindowCallsIsMinusOneWindow | ManyLevelsCostFourGigabytes,
}
