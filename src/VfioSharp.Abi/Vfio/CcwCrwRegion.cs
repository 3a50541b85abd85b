// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct ccw_crw_region</c>: The channel report region of vfio-ccw.</summary>
[CName("ccw_crw_region")]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CcwCrwRegion
{
    /// <summary><c>crw</c>: Channel report word.</summary>
    public uint Crw;

    /// <summary><c>pad</c>: Padding, 0.</summary>
    public uint Pad;
}
