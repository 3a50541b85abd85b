// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature</c>: Argument of DEVICE_FEATURE; the feature's own structure follows.</summary>
[CName("vfio_device_feature")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeature
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: A <see cref="VfioDeviceFeatureId"/> with bits of <see cref="VfioDeviceFeatureFlags"/>.</summary>
    public uint Flags;
}

/// <summary>Parts of <see cref="VfioDeviceFeature.Flags"/>.</summary>
public static class VfioDeviceFeatureFlags
{
    /// <summary><c>VFIO_DEVICE_FEATURE_MASK</c>: where the feature's number is.</summary>
    [CName("VFIO_DEVICE_FEATURE_MASK")]
    public const uint Mask = 0xFFFF;

    /// <summary><c>VFIO_DEVICE_FEATURE_GET</c>: read the feature.</summary>
    [CName("VFIO_DEVICE_FEATURE_GET")]
    public const uint Get = 1u << 16;

    /// <summary><c>VFIO_DEVICE_FEATURE_SET</c>: write the feature.</summary>
    [CName("VFIO_DEVICE_FEATURE_SET")]
    public const uint Set = 1u << 17;

    /// <summary><c>VFIO_DEVICE_FEATURE_PROBE</c>: only ask whether that would be understood.</summary>
    [CName("VFIO_DEVICE_FEATURE_PROBE")]
    public const uint Probe = 1u << 18;
}
