// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_info</c>: Answer of IOMMU_GET_INFO; capabilities may follow.</summary>
[CName("vfio_iommu_type1_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1Info
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioIommuInfoFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>iova_pgsizes</c>: One bit for each page size the IOMMU has.</summary>
    public ulong IovaPgsizes;

    /// <summary><c>cap_offset</c>: Offset of the first capability from the start of this structure; 0 when there is none.</summary>
    public uint CapOffset;

    /// <summary><c>pad</c>: Padding, 0.</summary>
    [SinceLinux("6.6")]
    public uint Pad;
}

/// <summary>Bits of <see cref="VfioIommuType1Info.Flags"/>.</summary>
public static class VfioIommuInfoFlags
{
    /// <summary><c>VFIO_IOMMU_INFO_PGSIZES</c>: the page sizes are filled in.</summary>
    [CName("VFIO_IOMMU_INFO_PGSIZES")]
    public const uint Pgsizes = 1u << 0;

    /// <summary><c>VFIO_IOMMU_INFO_CAPS</c>: capabilities follow the structure.</summary>
    [CName("VFIO_IOMMU_INFO_CAPS")]
    public const uint Caps = 1u << 1;
}
