// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_attach_iommufd_pt</c>: Argument of DEVICE_ATTACH_IOMMUFD_PT.</summary>
[CName("vfio_device_attach_iommufd_pt")]
[SinceLinux("6.6")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceAttachIommufdPt
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioDeviceAttachFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>pt_id</c>: Page table or address space; replaced by the page table in use.</summary>
    public uint PtId;

    /// <summary><c>pasid</c>: Process address space number, when the flag says so.</summary>
    [SinceLinux("6.15")]
    public uint Pasid;
}

/// <summary>Bits of <see cref="VfioDeviceAttachIommufdPt.Flags"/>.</summary>
public static class VfioDeviceAttachFlags
{
    /// <summary><c>VFIO_DEVICE_ATTACH_PASID</c>: only this process address space number.</summary>
    [CName("VFIO_DEVICE_ATTACH_PASID")]
    [SinceLinux("6.15")]
    public const uint Pasid = 1u << 0;
}
