// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommuHwptSetDirtyTracking.Flags"/>.</summary>
public static class IommufdHwptSetDirtyTrackingFlags
{
    /// <summary><c>IOMMU_HWPT_DIRTY_TRACKING_ENABLE</c>: on.</summary>
    [CName("IOMMU_HWPT_DIRTY_TRACKING_ENABLE")]
    [SinceLinux("6.7")]
    public const uint Enable = 1;
}

/// <summary><c>struct iommu_hwpt_set_dirty_tracking</c>: Argument of HWPT_SET_DIRTY_TRACKING.</summary>
[CName("iommu_hwpt_set_dirty_tracking")]
[SinceLinux("6.7")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptSetDirtyTracking
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: Bits of <see cref="IommufdHwptSetDirtyTrackingFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>hwpt_id</c>: The page table.</summary>
    public uint HwptId;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;
}
