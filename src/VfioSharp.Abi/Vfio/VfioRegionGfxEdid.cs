// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_gfx_edid</c>: Begins a region of subtype GFX_EDID.</summary>
[CName("vfio_region_gfx_edid")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionGfxEdid
{
    /// <summary><c>edid_offset</c>: Where in the region the monitor description lies.</summary>
    public uint EdidOffset;

    /// <summary><c>edid_max_size</c>: Bytes there are for it.</summary>
    public uint EdidMaxSize;

    /// <summary><c>edid_size</c>: Bytes it has.</summary>
    public uint EdidSize;

    /// <summary><c>max_xres</c>: Largest width; 0 when there is no limit.</summary>
    public uint MaxXres;

    /// <summary><c>max_yres</c>: Largest height; 0 when there is no limit.</summary>
    public uint MaxYres;

    /// <summary><c>link_state</c>: One of <see cref="VfioGfxLinkState"/>.</summary>
    public uint LinkState;
}

/// <summary>Values of <see cref="VfioRegionGfxEdid.LinkState"/>.</summary>
public static class VfioGfxLinkState
{
    /// <summary><c>VFIO_DEVICE_GFX_LINK_STATE_UP</c>: a monitor is connected.</summary>
    [CName("VFIO_DEVICE_GFX_LINK_STATE_UP")]
    public const uint Up = 1;

    /// <summary><c>VFIO_DEVICE_GFX_LINK_STATE_DOWN</c>: none is.</summary>
    [CName("VFIO_DEVICE_GFX_LINK_STATE_DOWN")]
    public const uint Down = 2;
}
