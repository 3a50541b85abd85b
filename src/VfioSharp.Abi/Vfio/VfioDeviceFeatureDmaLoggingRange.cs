// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_dma_logging_range</c>: One range of DMA addresses to be logged.</summary>
[CName("vfio_device_feature_dma_logging_range")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureDmaLoggingRange
{
    /// <summary><c>iova</c>: First address.</summary>
    public ulong Iova;

    /// <summary><c>length</c>: Bytes.</summary>
    public ulong Length;
}
