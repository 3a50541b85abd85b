// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_info</c>: Answer of DEVICE_GET_REGION_INFO; capabilities may follow.</summary>
[CName("vfio_region_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionInfo
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioRegionInfoFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>index</c>: Region asked about, given by the caller.</summary>
    public uint Index;

    /// <summary><c>cap_offset</c>: Offset of the first capability from the start of this structure; 0 when there is none.</summary>
    public uint CapOffset;

    /// <summary><c>size</c>: Bytes in the region; 0 when it is not implemented.</summary>
    public ulong Size;

    /// <summary><c>offset</c>: Where the region begins on the device's descriptor.</summary>
    public ulong Offset;
}

/// <summary>Bits of <see cref="VfioRegionInfo.Flags"/>.</summary>
public static class VfioRegionInfoFlags
{
    /// <summary><c>VFIO_REGION_INFO_FLAG_READ</c>: the region can be read.</summary>
    [CName("VFIO_REGION_INFO_FLAG_READ")]
    public const uint Read = 1u << 0;

    /// <summary><c>VFIO_REGION_INFO_FLAG_WRITE</c>: the region can be written.</summary>
    [CName("VFIO_REGION_INFO_FLAG_WRITE")]
    public const uint Write = 1u << 1;

    /// <summary><c>VFIO_REGION_INFO_FLAG_MMAP</c>: the region can be mapped.</summary>
    [CName("VFIO_REGION_INFO_FLAG_MMAP")]
    public const uint Mmap = 1u << 2;

    /// <summary><c>VFIO_REGION_INFO_FLAG_CAPS</c>: capabilities follow the structure.</summary>
    [CName("VFIO_REGION_INFO_FLAG_CAPS")]
    public const uint Caps = 1u << 3;
}
