// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_info_cap_iova_range</c>: Capability that lists the usable DMA addresses; <see cref="NrIovas"/> of <see cref="VfioIovaRange"/> follow.</summary>
[CName("vfio_iommu_type1_info_cap_iova_range")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1InfoCapIovaRange
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>nr_iovas</c>: Number of ranges that follow.</summary>
    public uint NrIovas;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    public uint Reserved;
}
