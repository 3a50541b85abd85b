// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_spapr_tce_info</c>: Answer of IOMMU_SPAPR_TCE_GET_INFO.</summary>
[CName("vfio_iommu_spapr_tce_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuSpaprTceInfo
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioIommuSpaprInfoFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>dma32_window_start</c>: DMA address where the default window begins.</summary>
    public uint Dma32WindowStart;

    /// <summary><c>dma32_window_size</c>: Bytes of the default window.</summary>
    public uint Dma32WindowSize;

    /// <summary><c>ddw</c>: Dynamic windows.</summary>
    public VfioIommuSpaprTceDdwInfo Ddw;
}

/// <summary>Bits of <see cref="VfioIommuSpaprTceInfo.Flags"/>.</summary>
public static class VfioIommuSpaprInfoFlags
{
    /// <summary><c>VFIO_IOMMU_SPAPR_INFO_DDW</c>: the part about dynamic windows is filled in.</summary>
    [CName("VFIO_IOMMU_SPAPR_INFO_DDW")]
    public const uint Ddw = 1u << 0;
}
