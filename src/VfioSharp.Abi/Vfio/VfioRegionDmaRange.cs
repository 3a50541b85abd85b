// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_region_dma_range</c>: One part of a region that a dma-buf covers.</summary>
[CName("vfio_region_dma_range")]
[SinceLinux("6.19")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioRegionDmaRange
{
    /// <summary><c>offset</c>: Where it begins in the region.</summary>
    public ulong Offset;

    /// <summary><c>length</c>: Bytes.</summary>
    public ulong Length;
}
