// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_mig_data_size</c>: Data of feature MIG_DATA_SIZE.</summary>
[CName("vfio_device_feature_mig_data_size")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureMigDataSize
{
    /// <summary><c>stop_copy_length</c>: Estimated bytes of a stop-copy.</summary>
    public ulong StopCopyLength;
}
