// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_dirty_bitmap_get</c>: Range and bitmap of IOMMU_DIRTY_PAGES.</summary>
[CName("vfio_iommu_type1_dirty_bitmap_get")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1DirtyBitmapGet
{
    /// <summary><c>iova</c>: First DMA address.</summary>
    public ulong Iova;

    /// <summary><c>size</c>: Bytes.</summary>
    public ulong Size;

    /// <summary><c>bitmap</c>: Where the bitmap goes.</summary>
    public VfioBitmap Bitmap;
}
