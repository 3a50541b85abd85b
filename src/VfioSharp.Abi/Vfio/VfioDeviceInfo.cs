// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_info</c>: Answer of DEVICE_GET_INFO; capabilities may follow.</summary>
[CName("vfio_device_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceInfo
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioDeviceFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>num_regions</c>: Number of region indexes.</summary>
    public uint NumRegions;

    /// <summary><c>num_irqs</c>: Number of interrupt indexes.</summary>
    public uint NumIrqs;

    /// <summary><c>cap_offset</c>: Offset of the first capability from the start of this structure; 0 when there is none.</summary>
    public uint CapOffset;

    /// <summary><c>pad</c>: Padding, 0.</summary>
    [SinceLinux("6.6")]
    public uint Pad;
}

/// <summary>Bits of <see cref="VfioDeviceInfo.Flags"/>.</summary>
public static class VfioDeviceFlags
{
    /// <summary><c>VFIO_DEVICE_FLAGS_RESET</c>: DEVICE_RESET is supported.</summary>
    [CName("VFIO_DEVICE_FLAGS_RESET")]
    public const uint Reset = 1u << 0;

    /// <summary><c>VFIO_DEVICE_FLAGS_PCI</c>: served by vfio-pci.</summary>
    [CName("VFIO_DEVICE_FLAGS_PCI")]
    public const uint Pci = 1u << 1;

    /// <summary><c>VFIO_DEVICE_FLAGS_PLATFORM</c>: served by vfio-platform.</summary>
    [CName("VFIO_DEVICE_FLAGS_PLATFORM")]
    public const uint Platform = 1u << 2;

    /// <summary><c>VFIO_DEVICE_FLAGS_AMBA</c>: served by vfio-amba.</summary>
    [CName("VFIO_DEVICE_FLAGS_AMBA")]
    public const uint Amba = 1u << 3;

    /// <summary><c>VFIO_DEVICE_FLAGS_CCW</c>: served by vfio-ccw.</summary>
    [CName("VFIO_DEVICE_FLAGS_CCW")]
    public const uint Ccw = 1u << 4;

    /// <summary><c>VFIO_DEVICE_FLAGS_AP</c>: served by vfio-ap.</summary>
    [CName("VFIO_DEVICE_FLAGS_AP")]
    public const uint Ap = 1u << 5;

    /// <summary><c>VFIO_DEVICE_FLAGS_FSL_MC</c>: served by vfio-fsl-mc.</summary>
    [CName("VFIO_DEVICE_FLAGS_FSL_MC")]
    public const uint FslMc = 1u << 6;

    /// <summary><c>VFIO_DEVICE_FLAGS_CAPS</c>: capabilities follow the structure.</summary>
    [CName("VFIO_DEVICE_FLAGS_CAPS")]
    public const uint Caps = 1u << 7;

    /// <summary><c>VFIO_DEVICE_FLAGS_CDX</c>: served by vfio-cdx.</summary>
    [CName("VFIO_DEVICE_FLAGS_CDX")]
    [SinceLinux("6.4")]
    public const uint Cdx = 1u << 8;
}
