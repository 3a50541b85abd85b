// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_mig_state</c>: Data of feature MIG_DEVICE_STATE.</summary>
[CName("vfio_device_feature_mig_state")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureMigState
{
    /// <summary><c>device_state</c>: One of <see cref="VfioDeviceMigState"/>.</summary>
    public uint DeviceState;

    /// <summary><c>data_fd</c>: Descriptor of the data stream, -1 when the move needs none.</summary>
    public int DataFd;
}
