// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_dma_logging_control</c>: Data of feature DMA_LOGGING_START.</summary>
[CName("vfio_device_feature_dma_logging_control")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureDmaLoggingControl
{
    /// <summary><c>page_size</c>: Wanted granularity of the log.</summary>
    public ulong PageSize;

    /// <summary><c>num_ranges</c>: Number of ranges.</summary>
    public uint NumRanges;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>ranges</c>: Pointer to an array of <see cref="VfioDeviceFeatureDmaLoggingRange"/>.</summary>
    public ulong Ranges;
}
