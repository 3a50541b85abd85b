// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_iova_ranges</c>: Argument of IOAS_IOVA_RANGES.</summary>
[CName("iommu_ioas_iova_ranges")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasIovaRanges
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>ioas_id</c>: The address space.</summary>
    public uint IoasId;

    /// <summary><c>num_iovas</c>: Room in the array; replaced by the number of ranges there are.</summary>
    public uint NumIovas;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>allowed_iovas</c>: Pointer to an array of <see cref="IommuIovaRange"/>.</summary>
    public ulong AllowedIovas;

    /// <summary><c>out_iova_alignment</c>: Alignment that addresses need.</summary>
    public ulong OutIovaAlignment;
}
