// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_bus_master</c>: Data of feature BUS_MASTER.</summary>
[CName("vfio_device_feature_bus_master")]
[SinceLinux("6.7")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureBusMaster
{
    /// <summary><c>op</c>: One of <see cref="VfioBusMasterOp"/>.</summary>
    public uint Op;
}

/// <summary>Values of <see cref="VfioDeviceFeatureBusMaster.Op"/>.</summary>
public static class VfioBusMasterOp
{
    /// <summary><c>VFIO_DEVICE_FEATURE_CLEAR_MASTER</c>: off.</summary>
    [CName("VFIO_DEVICE_FEATURE_CLEAR_MASTER")]
    [SinceLinux("6.7")]
    public const uint ClearMaster = 0;

    /// <summary><c>VFIO_DEVICE_FEATURE_SET_MASTER</c>: on.</summary>
    [CName("VFIO_DEVICE_FEATURE_SET_MASTER")]
    [SinceLinux("6.7")]
    public const uint SetMaster = 1;
}
