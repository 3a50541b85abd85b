// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_dirty_bitmap</c>: Argument of IOMMU_DIRTY_PAGES; a <see cref="VfioIommuType1DirtyBitmapGet"/> follows when the bitmap is asked for.</summary>
[CName("vfio_iommu_type1_dirty_bitmap")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1DirtyBitmap
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: One bit of <see cref="VfioIommuDirtyPagesFlags"/>.</summary>
    public uint Flags;
}

/// <summary>Bits of <see cref="VfioIommuType1DirtyBitmap.Flags"/>.</summary>
public static class VfioIommuDirtyPagesFlags
{
    /// <summary><c>VFIO_IOMMU_DIRTY_PAGES_FLAG_START</c>: begin to track.</summary>
    [CName("VFIO_IOMMU_DIRTY_PAGES_FLAG_START")]
    public const uint Start = 1u << 0;

    /// <summary><c>VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP</c>: end that.</summary>
    [CName("VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP")]
    public const uint Stop = 1u << 1;

    /// <summary><c>VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP</c>: report the dirty pages of a range.</summary>
    [CName("VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP")]
    public const uint GetBitmap = 1u << 2;
}
