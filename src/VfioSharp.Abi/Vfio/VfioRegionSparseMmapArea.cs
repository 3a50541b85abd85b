// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_sparse_mmap_area</c>: One part of a region that can be mapped.</summary>
[CName("vfio_region_sparse_mmap_area")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionSparseMmapArea
{
    /// <summary><c>offset</c>: Where the area begins in the region.</summary>
    public ulong Offset;

    /// <summary><c>size</c>: Bytes in the area.</summary>
    public ulong Size;
}
