// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_spapr_tce_remove</c>: Argument of IOMMU_SPAPR_TCE_REMOVE.</summary>
[CName("vfio_iommu_spapr_tce_remove")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuSpaprTceRemove
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>start_addr</c>: DMA address where the window begins.</summary>
    public ulong StartAddr;
}
