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

    /// <summary>Everything that Linux 7.2 does.</summary>
    Linux = DirtyBitmapKeepsShiftedBits | UnmapAllPassesForAType | FailedProbeIsInvalid,
}
