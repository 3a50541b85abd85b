// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_type1_info_cap_migration</c>: Capability that describes dirty page tracking. Four bytes of padding follow the flags.</summary>
[CName("vfio_iommu_type1_info_cap_migration")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuType1InfoCapMigration
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>pgsize_bitmap</c>: One bit for each page size of a dirty bitmap.</summary>
    public ulong PgsizeBitmap;

    /// <summary><c>max_dirty_bitmap_size</c>: Largest bitmap in bytes.</summary>
    public ulong MaxDirtyBitmapSize;
}
