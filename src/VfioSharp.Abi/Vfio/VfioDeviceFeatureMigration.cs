// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_feature_migration</c>: Data of feature MIGRATION.</summary>
[CName("vfio_device_feature_migration")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceFeatureMigration
{
    /// <summary><c>flags</c>: Bits of <see cref="VfioMigrationFlags"/>.</summary>
    public ulong Flags;
}

/// <summary>Bits of <see cref="VfioDeviceFeatureMigration.Flags"/>.</summary>
public static class VfioMigrationFlags
{
    /// <summary><c>VFIO_MIGRATION_STOP_COPY</c>: states to stop, copy and resume.</summary>
    [CName("VFIO_MIGRATION_STOP_COPY")]
    public const uint StopCopy = 1u << 0;

    /// <summary><c>VFIO_MIGRATION_P2P</c>: states without DMA between devices.</summary>
    [CName("VFIO_MIGRATION_P2P")]
    public const uint P2p = 1u << 1;

    /// <summary><c>VFIO_MIGRATION_PRE_COPY</c>: states to copy while it runs.</summary>
    [CName("VFIO_MIGRATION_PRE_COPY")]
    [SinceLinux("6.2")]
    public const uint PreCopy = 1u << 2;
}
