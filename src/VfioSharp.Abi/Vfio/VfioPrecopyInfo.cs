// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_precopy_info</c>: Answer of MIG_GET_PRECOPY_INFO.</summary>
[CName("vfio_precopy_info")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioPrecopyInfo
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioPrecopyInfoFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>initial_bytes</c>: Bytes to copy before stopping is worthwhile.</summary>
    public ulong InitialBytes;

    /// <summary><c>dirty_bytes</c>: Bytes that changed after they were copied.</summary>
    public ulong DirtyBytes;
}

/// <summary>Bits of <see cref="VfioPrecopyInfo.Flags"/>.</summary>
public static class VfioPrecopyInfoFlags
{
    /// <summary><c>VFIO_PRECOPY_INFO_REINIT</c>: the initial bytes were counted anew.</summary>
    [CName("VFIO_PRECOPY_INFO_REINIT")]
    [SinceLinux("7.1")]
    public const uint Reinit = 1u << 0;
}
