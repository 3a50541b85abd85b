// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_dma_logging_report</c>: Data of feature DMA_LOGGING_REPORT.</summary>
[CName("vfio_device_feature_dma_logging_report")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureDmaLoggingReport
{
    /// <summary><c>iova</c>: First address of the range.</summary>
    public ulong Iova;

    /// <summary><c>length</c>: Bytes.</summary>
    public ulong Length;

    /// <summary><c>page_size</c>: Bytes that one bit stands for.</summary>
    public ulong PageSize;

    /// <summary><c>bitmap</c>: Pointer to the bitmap.</summary>
    public ulong Bitmap;
}
