// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct ccw_schib_region</c>: The subchannel information region of vfio-ccw.</summary>
[CName("ccw_schib_region")]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CcwSchibRegion
{
    /// <summary><c>schib_area</c>: Subchannel information block.</summary>
    public CcwSchibArea SchibArea;
}
