// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommuHwptVtdS1Invalidate.Flags"/>.</summary>
public static class IommuHwptVtdS1InvalidateFlags
{
    /// <summary><c>IOMMU_VTD_INV_FLAGS_LEAF</c>: only leaf entries.</summary>
    [CName("IOMMU_VTD_INV_FLAGS_LEAF")]
    [SinceLinux("6.8")]
    public const uint Leaf = 1u << 0;
}

/// <summary><c>struct iommu_hwpt_vtd_s1_invalidate</c>: One invalidation of Intel VT-d.</summary>
[CName("iommu_hwpt_vtd_s1_invalidate")]
[SinceLinux("6.8")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptVtdS1Invalidate
{
    /// <summary><c>addr</c>: First address.</summary>
    public ulong Addr;

    /// <summary><c>npages</c>: Pages of 4 KiB; all ones for everything.</summary>
    public ulong Npages;

    /// <summary><c>flags</c>: Bits of <see cref="IommuHwptVtdS1InvalidateFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;
}
