// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_detach_iommufd_pt</c>: Argument of DEVICE_DETACH_IOMMUFD_PT.</summary>
[CName("vfio_device_detach_iommufd_pt")]
[SinceLinux("6.6")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceDetachIommufdPt
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioDeviceDetachFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>pasid</c>: Process address space number, when the flag says so.</summary>
    [SinceLinux("6.15")]
    public uint Pasid;
}

/// <summary>Bits of <see cref="VfioDeviceDetachIommufdPt.Flags"/>.</summary>
public static class VfioDeviceDetachFlags
{
    /// <summary><c>VFIO_DEVICE_DETACH_PASID</c>: only this process address space number.</summary>
    [CName("VFIO_DEVICE_DETACH_PASID")]
    [SinceLinux("6.15")]
    public const uint Pasid = 1u << 0;
}
