// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_migration_info</c>: Withdrawn: begins the migration region of the first version.</summary>
[CName("vfio_device_migration_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceMigrationInfo
{
    /// <summary><c>device_state</c>: Bits of <see cref="VfioDeviceStateV1"/>.</summary>
    public uint DeviceState;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    public uint Reserved;

    /// <summary><c>pending_bytes</c>: Bytes still to be saved.</summary>
    public ulong PendingBytes;

    /// <summary><c>data_offset</c>: Where in the region the data lie.</summary>
    public ulong DataOffset;

    /// <summary><c>data_size</c>: Bytes of data there.</summary>
    public ulong DataSize;
}

/// <summary>Withdrawn: bits of <see cref="VfioDeviceMigrationInfo.DeviceState"/>.</summary>
public static class VfioDeviceStateV1
{
    /// <summary><c>VFIO_DEVICE_STATE_V1_STOP</c>: neither running nor saving nor resuming.</summary>
    [CName("VFIO_DEVICE_STATE_V1_STOP")]
    public const uint Stop = 0;

    /// <summary><c>VFIO_DEVICE_STATE_V1_RUNNING</c>: the device runs.</summary>
    [CName("VFIO_DEVICE_STATE_V1_RUNNING")]
    public const uint Running = 1u << 0;

    /// <summary><c>VFIO_DEVICE_STATE_V1_SAVING</c>: its state is being saved.</summary>
    [CName("VFIO_DEVICE_STATE_V1_SAVING")]
    public const uint Saving = 1u << 1;

    /// <summary><c>VFIO_DEVICE_STATE_V1_RESUMING</c>: its state is being restored.</summary>
    [CName("VFIO_DEVICE_STATE_V1_RESUMING")]
    public const uint Resuming = 1u << 2;

    /// <summary><c>VFIO_DEVICE_STATE_MASK</c>: all state bits.</summary>
    [CName("VFIO_DEVICE_STATE_MASK")]
    public const uint Mask = 7;
}
