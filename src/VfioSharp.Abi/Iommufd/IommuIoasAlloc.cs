// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_alloc</c>: Argument of IOAS_ALLOC.</summary>
[CName("iommu_ioas_alloc")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasAlloc
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>out_ioas_id</c>: The new address space.</summary>
    public uint OutIoasId;
}
