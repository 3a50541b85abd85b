// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_dma_unmap</c>: Argument of IOMMU_UNMAP_DMA; a <see cref="VfioBitmap"/> follows when the dirty bitmap is asked for.</summary>
[CName("vfio_iommu_type1_dma_unmap")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1DmaUnmap
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioDmaUnmapFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>iova</c>: First DMA address.</summary>
    public ulong Iova;

    /// <summary><c>size</c>: Bytes; the kernel replaces it by the bytes unmapped.</summary>
    public ulong Size;
}

/// <summary>Bits of <see cref="VfioIommuType1DmaUnmap.Flags"/>.</summary>
public static class VfioDmaUnmapFlags
{
    /// <summary><c>VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP</c>: report the dirty pages of what goes.</summary>
    [CName("VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP")]
    public const uint GetDirtyBitmap = 1u << 0;

    /// <summary><c>VFIO_DMA_UNMAP_FLAG_ALL</c>: unmap everything.</summary>
    [CName("VFIO_DMA_UNMAP_FLAG_ALL")]
    public const uint All = 1u << 1;

    /// <summary><c>VFIO_DMA_UNMAP_FLAG_VADDR</c>: keep the mappings, forget their addresses in the caller's memory.</summary>
    [CName("VFIO_DMA_UNMAP_FLAG_VADDR")]
    public const uint Vaddr = 1u << 2;
}
