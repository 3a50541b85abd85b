// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_info_cap_nvlink2_ssatgt</c>: Withdrawn: capability with the address of GPU memory on the system bus.</summary>
[CName("vfio_region_info_cap_nvlink2_ssatgt")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionInfoCapNvlink2Ssatgt
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>tgt</c>: That address.</summary>
    public ulong Tgt;
}
