// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct ccw_cmd_region</c>: The asynchronous command region of vfio-ccw.</summary>
[CName("ccw_cmd_region")]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CcwCmdRegion
{
    /// <summary><c>command</c>: One of <see cref="VfioCcwAsyncCmd"/>.</summary>
    public uint Command;

    /// <summary><c>ret_code</c>: Result of the command.</summary>
    public uint RetCode;
}

/// <summary>Values of <see cref="CcwCmdRegion.Command"/>.</summary>
public static class VfioCcwAsyncCmd
{
    /// <summary><c>VFIO_CCW_ASYNC_CMD_HSCH</c>: halt the subchannel.</summary>
    [CName("VFIO_CCW_ASYNC_CMD_HSCH")]
    public const uint Hsch = 1u << 0;

    /// <summary><c>VFIO_CCW_ASYNC_CMD_CSCH</c>: clear the subchannel.</summary>
    [CName("VFIO_CCW_ASYNC_CMD_CSCH")]
    public const uint Csch = 1u << 1;
}
