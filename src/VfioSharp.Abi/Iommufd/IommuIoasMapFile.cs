// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_map_file</c>: Argument of IOAS_MAP_FILE.</summary>
[CName("iommu_ioas_map_file")]
[SinceLinux("6.13")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasMapFile
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: Bits of <see cref="IommuIoasMapFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>ioas_id</c>: The address space.</summary>
    public uint IoasId;

    /// <summary><c>fd</c>: Descriptor of the file.</summary>
    public int Fd;

    /// <summary><c>start</c>: Offset in the file.</summary>
    public ulong Start;

    /// <summary><c>length</c>: Bytes.</summary>
    public ulong Length;

    /// <summary><c>iova</c>: DMA address, given or filled by the kernel.</summary>
    public ulong Iova;
}
