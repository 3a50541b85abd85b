// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_info_cap_nvlink2_lnkspd</c>: Withdrawn: capability with the NVLink speed.</summary>
[CName("vfio_region_info_cap_nvlink2_lnkspd")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionInfoCapNvlink2Lnkspd
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>link_speed</c>: The speed, as the device tree says it.</summary>
    public uint LinkSpeed;

    /// <summary><c>__pad</c>: Padding, 0.</summary>
    [CName("__pad")]
    public uint Pad;
}
