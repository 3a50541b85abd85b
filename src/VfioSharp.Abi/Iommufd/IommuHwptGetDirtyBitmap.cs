// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommuHwptGetDirtyBitmap.Flags"/>.</summary>
public static class IommufdHwptGetDirtyBitmapFlags
{
    /// <summary><c>IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR</c>: leave the pages dirty.</summary>
    [CName("IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR")]
    [SinceLinux("6.7")]
    public const uint NoClear = 1;
}

/// <summary><c>struct iommu_hwpt_get_dirty_bitmap</c>: Argument of HWPT_GET_DIRTY_BITMAP.</summary>
[CName("iommu_hwpt_get_dirty_bitmap")]
[SinceLinux("6.7")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptGetDirtyBitmap
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>hwpt_id</c>: The page table.</summary>
    public uint HwptId;

    /// <summary><c>flags</c>: Bits of <see cref="IommufdHwptGetDirtyBitmapFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>iova</c>: First DMA address.</summary>
    public ulong Iova;

    /// <summary><c>length</c>: Bytes.</summary>
    public ulong Length;

    /// <summary><c>page_size</c>: Bytes that one bit stands for.</summary>
    public ulong PageSize;

    /// <summary><c>data</c>: Pointer to the bitmap.</summary>
    public ulong Data;
}
