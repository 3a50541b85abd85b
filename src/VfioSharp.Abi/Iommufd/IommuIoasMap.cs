// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_map</c>: Argument of IOAS_MAP.</summary>
[CName("iommu_ioas_map")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasMap
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: Bits of <see cref="IommuIoasMapFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>ioas_id</c>: The address space.</summary>
    public uint IoasId;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>user_va</c>: Address in the caller's memory.</summary>
    public ulong UserVa;

    /// <summary><c>length</c>: Bytes.</summary>
    public ulong Length;

    /// <summary><c>iova</c>: DMA address, given or filled by the kernel.</summary>
    public ulong Iova;
}

/// <summary>Bits of <see cref="IommuIoasMap.Flags"/> and of other mapping requests.</summary>
public static class IommuIoasMapFlags
{
    /// <summary><c>IOMMU_IOAS_MAP_FIXED_IOVA</c>: the caller gives the DMA address.</summary>
    [CName("IOMMU_IOAS_MAP_FIXED_IOVA")]
    [SinceLinux("6.2")]
    public const uint FixedIova = 1u << 0;

    /// <summary><c>IOMMU_IOAS_MAP_WRITEABLE</c>: the device may write.</summary>
    [CName("IOMMU_IOAS_MAP_WRITEABLE")]
    [SinceLinux("6.2")]
    public const uint Writeable = 1u << 1;

    /// <summary><c>IOMMU_IOAS_MAP_READABLE</c>: the device may read.</summary>
    [CName("IOMMU_IOAS_MAP_READABLE")]
    [SinceLinux("6.2")]
    public const uint Readable = 1u << 2;
}
