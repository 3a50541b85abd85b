// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_unmap</c>: Argument of IOAS_UNMAP.</summary>
[CName("iommu_ioas_unmap")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasUnmap
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>ioas_id</c>: The address space.</summary>
    public uint IoasId;

    /// <summary><c>iova</c>: First DMA address.</summary>
    public ulong Iova;

    /// <summary><c>length</c>: Bytes; replaced by the bytes unmapped.</summary>
    public ulong Length;
}
