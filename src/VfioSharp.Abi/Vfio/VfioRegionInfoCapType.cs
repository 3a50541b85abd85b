// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_info_cap_type</c>: Capability that says what a device specific region is.</summary>
[CName("vfio_region_info_cap_type")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionInfoCapType
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>type</c>: One of <see cref="VfioRegionType"/>.</summary>
    public uint Type;

    /// <summary><c>subtype</c>: Meaning depends on the type.</summary>
    public uint Subtype;
}
