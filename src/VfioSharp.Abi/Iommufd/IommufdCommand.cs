// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Iommufd;

/// <summary>Numbers of the iommufd requests, without the type byte.</summary>
public static class IommufdCommand
{
    /// <summary><c>IOMMUFD_CMD_DESTROY</c>: destroy an object.</summary>
    [CName("IOMMUFD_CMD_DESTROY")]
    [SinceLinux("6.2")]
    public const uint Destroy = 128;

    /// <summary><c>IOMMUFD_CMD_IOAS_ALLOC</c>: create an address space.</summary>
    [CName("IOMMUFD_CMD_IOAS_ALLOC")]
    [SinceLinux("6.2")]
    public const uint IoasAlloc = 0x81;

    /// <summary><c>IOMMUFD_CMD_IOAS_ALLOW_IOVAS</c>: limit the addresses of an address space.</summary>
    [CName("IOMMUFD_CMD_IOAS_ALLOW_IOVAS")]
    [SinceLinux("6.2")]
    public const uint IoasAllowIovas = 0x82;

    /// <summary><c>IOMMUFD_CMD_IOAS_COPY</c>: copy a mapping from one address space to another.</summary>
    [CName("IOMMUFD_CMD_IOAS_COPY")]
    [SinceLinux("6.2")]
    public const uint IoasCopy = 0x83;

    /// <summary><c>IOMMUFD_CMD_IOAS_IOVA_RANGES</c>: usable addresses of an address space.</summary>
    [CName("IOMMUFD_CMD_IOAS_IOVA_RANGES")]
    [SinceLinux("6.2")]
    public const uint IoasIovaRanges = 0x84;

    /// <summary><c>IOMMUFD_CMD_IOAS_MAP</c>: map process memory.</summary>
    [CName("IOMMUFD_CMD_IOAS_MAP")]
    [SinceLinux("6.2")]
    public const uint IoasMap = 0x85;

    /// <summary><c>IOMMUFD_CMD_IOAS_UNMAP</c>: unmap.</summary>
    [CName("IOMMUFD_CMD_IOAS_UNMAP")]
    [SinceLinux("6.2")]
    public const uint IoasUnmap = 0x86;

    /// <summary><c>IOMMUFD_CMD_OPTION</c>: get or set an option.</summary>
    [CName("IOMMUFD_CMD_OPTION")]
    [SinceLinux("6.2")]
    public const uint Option = 0x87;

    /// <summary><c>IOMMUFD_CMD_VFIO_IOAS</c>: address space of the VFIO compatibility container.</summary>
    [CName("IOMMUFD_CMD_VFIO_IOAS")]
    [SinceLinux("6.2")]
    public const uint VfioIoas = 0x88;

    /// <summary><c>IOMMUFD_CMD_HWPT_ALLOC</c>: create a page table.</summary>
    [CName("IOMMUFD_CMD_HWPT_ALLOC")]
    [SinceLinux("6.6")]
    public const uint HwptAlloc = 0x89;

    /// <summary><c>IOMMUFD_CMD_GET_HW_INFO</c>: describe the hardware behind a device.</summary>
    [CName("IOMMUFD_CMD_GET_HW_INFO")]
    [SinceLinux("6.6")]
    public const uint GetHwInfo = 0x8A;

    /// <summary><c>IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING</c>: turn dirty tracking on or off.</summary>
    [CName("IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING")]
    [SinceLinux("6.7")]
    public const uint HwptSetDirtyTracking = 0x8B;

    /// <summary><c>IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP</c>: read the dirty pages.</summary>
    [CName("IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP")]
    [SinceLinux("6.7")]
    public const uint HwptGetDirtyBitmap = 0x8C;

    /// <summary><c>IOMMUFD_CMD_HWPT_INVALIDATE</c>: invalidate caches of a user page table.</summary>
    [CName("IOMMUFD_CMD_HWPT_INVALIDATE")]
    [SinceLinux("6.8")]
    public const uint HwptInvalidate = 0x8D;

    /// <summary><c>IOMMUFD_CMD_FAULT_QUEUE_ALLOC</c>: create a fault queue.</summary>
    [CName("IOMMUFD_CMD_FAULT_QUEUE_ALLOC")]
    [SinceLinux("6.11")]
    public const uint FaultQueueAlloc = 0x8E;

    /// <summary><c>IOMMUFD_CMD_IOAS_MAP_FILE</c>: map a file.</summary>
    [CName("IOMMUFD_CMD_IOAS_MAP_FILE")]
    [SinceLinux("6.13")]
    public const uint IoasMapFile = 0x8F;

    /// <summary><c>IOMMUFD_CMD_VIOMMU_ALLOC</c>: create a virtual IOMMU.</summary>
    [CName("IOMMUFD_CMD_VIOMMU_ALLOC")]
    [SinceLinux("6.13")]
    public const uint ViommuAlloc = 0x90;

    /// <summary><c>IOMMUFD_CMD_VDEVICE_ALLOC</c>: create a virtual device.</summary>
    [CName("IOMMUFD_CMD_VDEVICE_ALLOC")]
    [SinceLinux("6.13")]
    public const uint VdeviceAlloc = 0x91;

    /// <summary><c>IOMMUFD_CMD_IOAS_CHANGE_PROCESS</c>: account all mappings to this process.</summary>
    [CName("IOMMUFD_CMD_IOAS_CHANGE_PROCESS")]
    [SinceLinux("6.14")]
    public const uint IoasChangeProcess = 0x92;

    /// <summary><c>IOMMUFD_CMD_VEVENTQ_ALLOC</c>: create a virtual event queue.</summary>
    [CName("IOMMUFD_CMD_VEVENTQ_ALLOC")]
    [SinceLinux("6.15")]
    public const uint VeventqAlloc = 0x93;

    /// <summary><c>IOMMUFD_CMD_HW_QUEUE_ALLOC</c>: create a hardware queue.</summary>
    [CName("IOMMUFD_CMD_HW_QUEUE_ALLOC")]
    [SinceLinux("6.17")]
    public const uint HwQueueAlloc = 0x94;
}
