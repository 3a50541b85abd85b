// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_dma_buf</c>: Data of feature DMA_BUF; <see cref="NrRanges"/> of <see cref="VfioRegionDmaRange"/> follow.</summary>
[CName("vfio_device_feature_dma_buf")]
[SinceLinux("6.19")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureDmaBuf
{
    /// <summary><c>region_index</c>: The region.</summary>
    public uint RegionIndex;

    /// <summary><c>open_flags</c>: Flags of the new descriptor, as for open.</summary>
    public uint OpenFlags;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>nr_ranges</c>: Number of ranges that follow.</summary>
    public uint NrRanges;
}
