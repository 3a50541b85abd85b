// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_copy</c>: Argument of IOAS_COPY.</summary>
[CName("iommu_ioas_copy")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasCopy
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: Bits of <see cref="IommuIoasMapFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>dst_ioas_id</c>: The address space that gets the mapping.</summary>
    public uint DstIoasId;

    /// <summary><c>src_ioas_id</c>: The one that has it.</summary>
    public uint SrcIoasId;

    /// <summary><c>length</c>: Bytes.</summary>
    public ulong Length;

    /// <summary><c>dst_iova</c>: DMA address there, given or filled by the kernel.</summary>
    public ulong DstIova;

    /// <summary><c>src_iova</c>: DMA address here.</summary>
    public ulong SrcIova;
}
