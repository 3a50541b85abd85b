// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_info_cap_sparse_mmap</c>: Capability that lists the mappable areas; <see cref="NrAreas"/> of <see cref="VfioRegionSparseMmapArea"/> follow.</summary>
[CName("vfio_region_info_cap_sparse_mmap")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionInfoCapSparseMmap
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>nr_areas</c>: Number of areas that follow.</summary>
    public uint NrAreas;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    public uint Reserved;
}
