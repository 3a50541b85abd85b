// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_vdevice_alloc</c>: Argument of VDEVICE_ALLOC.</summary>
[CName("iommu_vdevice_alloc")]
[SinceLinux("6.13")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuVdeviceAlloc
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>viommu_id</c>: The virtual IOMMU.</summary>
    public uint ViommuId;

    /// <summary><c>dev_id</c>: The device.</summary>
    public uint DevId;

    /// <summary><c>out_vdevice_id</c>: The new virtual device.</summary>
    public uint OutVdeviceId;

    /// <summary><c>virt_id</c>: The device's number as the guest sees it.</summary>
    public ulong VirtId;
}
