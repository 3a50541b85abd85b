// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_info_dma_avail</c>: Capability with the number of mappings that may still be made.</summary>
[CName("vfio_iommu_type1_info_dma_avail")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1InfoDmaAvail
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>avail</c>: That number.</summary>
    public uint Avail;
}
