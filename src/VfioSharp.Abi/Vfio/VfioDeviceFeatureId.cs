// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Numbers of the device features.</summary>
public static class VfioDeviceFeatureId
{
    /// <summary><c>VFIO_DEVICE_FEATURE_PCI_VF_TOKEN</c>: token shared by a physical function and its virtual functions.</summary>
    [CName("VFIO_DEVICE_FEATURE_PCI_VF_TOKEN")]
    public const uint PciVfToken = 0;

    /// <summary><c>VFIO_DEVICE_FEATURE_MIGRATION</c>: which migration states the device has.</summary>
    [CName("VFIO_DEVICE_FEATURE_MIGRATION")]
    public const uint Migration = 1;

    /// <summary><c>VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE</c>: state of the migration machine.</summary>
    [CName("VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE")]
    public const uint MigDeviceState = 2;

    /// <summary><c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY</c>: allow a low power state.</summary>
    [CName("VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY")]
    public const uint LowPowerEntry = 3;

    /// <summary><c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP</c>: the same, with an eventfd that tells of the end.</summary>
    [CName("VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP")]
    public const uint LowPowerEntryWithWakeup = 4;

    /// <summary><c>VFIO_DEVICE_FEATURE_LOW_POWER_EXIT</c>: leave the low power state.</summary>
    [CName("VFIO_DEVICE_FEATURE_LOW_POWER_EXIT")]
    public const uint LowPowerExit = 5;

    /// <summary><c>VFIO_DEVICE_FEATURE_DMA_LOGGING_START</c>: the device begins to log its DMA writes.</summary>
    [CName("VFIO_DEVICE_FEATURE_DMA_LOGGING_START")]
    public const uint DmaLoggingStart = 6;

    /// <summary><c>VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP</c>: it ends that.</summary>
    [CName("VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP")]
    public const uint DmaLoggingStop = 7;

    /// <summary><c>VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT</c>: read the log of a range and clear it.</summary>
    [CName("VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT")]
    public const uint DmaLoggingReport = 8;

    /// <summary><c>VFIO_DEVICE_FEATURE_MIG_DATA_SIZE</c>: how much a stop-copy would transfer.</summary>
    [CName("VFIO_DEVICE_FEATURE_MIG_DATA_SIZE")]
    [SinceLinux("6.2")]
    public const uint MigDataSize = 9;

    /// <summary><c>VFIO_DEVICE_FEATURE_BUS_MASTER</c>: set or clear bus mastering.</summary>
    [CName("VFIO_DEVICE_FEATURE_BUS_MASTER")]
    [SinceLinux("6.7")]
    public const uint BusMaster = 10;

    /// <summary><c>VFIO_DEVICE_FEATURE_DMA_BUF</c>: a dma-buf over parts of a region.</summary>
    [CName("VFIO_DEVICE_FEATURE_DMA_BUF")]
    [SinceLinux("6.19")]
    public const uint DmaBuf = 11;

    /// <summary><c>VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2</c>: precopy numbers may start again.</summary>
    [CName("VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2")]
    [SinceLinux("7.1")]
    public const uint MigPrecopyInfoV2 = 12;
}
