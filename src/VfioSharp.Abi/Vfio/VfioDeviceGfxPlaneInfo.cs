// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_gfx_plane_info</c>: Argument and answer of DEVICE_QUERY_GFX_PLANE.</summary>
[CName("vfio_device_gfx_plane_info")]
[StructLayout(LayoutKind.Explicit)]
public struct VfioDeviceGfxPlaneInfo
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    [FieldOffset(0)]
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioGfxPlaneType"/>.</summary>
    [FieldOffset(4)]
    public uint Flags;

    /// <summary><c>drm_plane_type</c>: Plane asked about, given by the caller.</summary>
    [FieldOffset(8)]
    public uint DrmPlaneType;

    /// <summary><c>drm_format</c>: Pixel format, a DRM four-character code.</summary>
    [FieldOffset(12)]
    public uint DrmFormat;

    /// <summary><c>drm_format_mod</c>: Layout modifier of the format.</summary>
    [FieldOffset(16)]
    public ulong DrmFormatMod;

    /// <summary><c>width</c>: Width in pixels.</summary>
    [FieldOffset(24)]
    public uint Width;

    /// <summary><c>height</c>: Height in pixels.</summary>
    [FieldOffset(28)]
    public uint Height;

    /// <summary><c>stride</c>: Bytes in a line.</summary>
    [FieldOffset(32)]
    public uint Stride;

    /// <summary><c>size</c>: Bytes in the plane, page aligned.</summary>
    [FieldOffset(36)]
    public uint Size;

    /// <summary><c>x_pos</c>: Horizontal position of a cursor plane.</summary>
    [CName("x_pos")]
    [FieldOffset(40)]
    public uint XPos;

    /// <summary><c>y_pos</c>: Vertical position of a cursor plane.</summary>
    [CName("y_pos")]
    [FieldOffset(44)]
    public uint YPos;

    /// <summary><c>x_hot</c>: Horizontal hot spot of a cursor plane.</summary>
    [CName("x_hot")]
    [FieldOffset(48)]
    public uint XHot;

    /// <summary><c>y_hot</c>: Vertical hot spot of a cursor plane.</summary>
    [CName("y_hot")]
    [FieldOffset(52)]
    public uint YHot;

    /// <summary><c>region_index</c>: Region that holds the plane.</summary>
    [FieldOffset(56)]
    public uint RegionIndex;

    /// <summary><c>dmabuf_id</c>: Number of the dma-buf that holds the plane.</summary>
    [FieldOffset(56)]
    public uint DmabufId;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    [SinceLinux("6.6")]
    [FieldOffset(60)]
    public uint Reserved;
}

/// <summary>Bits of <see cref="VfioDeviceGfxPlaneInfo.Flags"/>.</summary>
public static class VfioGfxPlaneType
{
    /// <summary><c>VFIO_GFX_PLANE_TYPE_PROBE</c>: only ask what is supported.</summary>
    [CName("VFIO_GFX_PLANE_TYPE_PROBE")]
    public const uint Probe = 1u << 0;

    /// <summary><c>VFIO_GFX_PLANE_TYPE_DMABUF</c>: the plane in a dma-buf.</summary>
    [CName("VFIO_GFX_PLANE_TYPE_DMABUF")]
    public const uint Dmabuf = 1u << 1;

    /// <summary><c>VFIO_GFX_PLANE_TYPE_REGION</c>: the plane in a region.</summary>
    [CName("VFIO_GFX_PLANE_TYPE_REGION")]
    public const uint Region = 1u << 2;
}
