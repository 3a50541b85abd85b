// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct ccw_io_region</c>: The I/O region of vfio-ccw.</summary>
[CName("ccw_io_region")]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CcwIoRegion
{
    /// <summary><c>orb_area</c>: Operation request block.</summary>
    public InlineArray12<byte> OrbArea;

    /// <summary><c>scsw_area</c>: Subchannel status word.</summary>
    public InlineArray12<byte> ScswArea;

    /// <summary><c>irb_area</c>: Interruption response block.</summary>
    public CcwIrbArea IrbArea;

    /// <summary><c>ret_code</c>: Result of the request.</summary>
    public uint RetCode;
}
