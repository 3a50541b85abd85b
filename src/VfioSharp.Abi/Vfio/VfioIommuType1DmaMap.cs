// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_dma_map</c>: Argument of IOMMU_MAP_DMA.</summary>
[CName("vfio_iommu_type1_dma_map")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1DmaMap
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioDmaMapFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>vaddr</c>: Address in the caller's memory.</summary>
    public ulong Vaddr;

    /// <summary><c>iova</c>: DMA address.</summary>
    public ulong Iova;

    /// <summary><c>size</c>: Bytes.</summary>
    public ulong Size;
}

/// <summary>Bits of <see cref="VfioIommuType1DmaMap.Flags"/>.</summary>
public static class VfioDmaMapFlags
{
    /// <summary><c>VFIO_DMA_MAP_FLAG_READ</c>: the device may read.</summary>
    [CName("VFIO_DMA_MAP_FLAG_READ")]
    public const uint Read = 1u << 0;

    /// <summary><c>VFIO_DMA_MAP_FLAG_WRITE</c>: the device may write.</summary>
    [CName("VFIO_DMA_MAP_FLAG_WRITE")]
    public const uint Write = 1u << 1;

    /// <summary><c>VFIO_DMA_MAP_FLAG_VADDR</c>: give the mapping a new address in the caller's memory.</summary>
    [CName("VFIO_DMA_MAP_FLAG_VADDR")]
    public const uint Vaddr = 1u << 2;
}
