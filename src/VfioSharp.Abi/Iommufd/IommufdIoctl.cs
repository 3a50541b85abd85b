// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Iommufd;

/// <summary>Request numbers of <c>iommufd.h</c>.</summary>
public static class IommufdIoctl
{
    /// <summary><c>IOMMU_DESTROY</c>: destroy an object.</summary>
    [CName("IOMMU_DESTROY")]
    [SinceLinux("6.2")]
    public const uint Destroy = 0x3B80;

    /// <summary><c>IOMMU_IOAS_ALLOC</c>: create an address space.</summary>
    [CName("IOMMU_IOAS_ALLOC")]
    [SinceLinux("6.2")]
    public const uint IoasAlloc = 0x3B81;

    /// <summary><c>IOMMU_IOAS_IOVA_RANGES</c>: usable addresses of an address space.</summary>
    [CName("IOMMU_IOAS_IOVA_RANGES")]
    [SinceLinux("6.2")]
    public const uint IoasIovaRanges = 0x3B84;

    /// <summary><c>IOMMU_IOAS_ALLOW_IOVAS</c>: limit the addresses of an address space.</summary>
    [CName("IOMMU_IOAS_ALLOW_IOVAS")]
    [SinceLinux("6.2")]
    public const uint IoasAllowIovas = 0x3B82;

    /// <summary><c>IOMMU_IOAS_MAP</c>: map process memory.</summary>
    [CName("IOMMU_IOAS_MAP")]
    [SinceLinux("6.2")]
    public const uint IoasMap = 0x3B85;

    /// <summary><c>IOMMU_IOAS_MAP_FILE</c>: map a file.</summary>
    [CName("IOMMU_IOAS_MAP_FILE")]
    [SinceLinux("6.13")]
    public const uint IoasMapFile = 0x3B8F;

    /// <summary><c>IOMMU_IOAS_COPY</c>: copy a mapping from one address space to another.</summary>
    [CName("IOMMU_IOAS_COPY")]
    [SinceLinux("6.2")]
    public const uint IoasCopy = 0x3B83;

    /// <summary><c>IOMMU_IOAS_UNMAP</c>: unmap.</summary>
    [CName("IOMMU_IOAS_UNMAP")]
    [SinceLinux("6.2")]
    public const uint IoasUnmap = 0x3B86;

    /// <summary><c>IOMMU_OPTION</c>: get or set an option.</summary>
    [CName("IOMMU_OPTION")]
    [SinceLinux("6.2")]
    public const uint Option = 0x3B87;

    /// <summary><c>IOMMU_VFIO_IOAS</c>: address space of the VFIO compatibility container.</summary>
    [CName("IOMMU_VFIO_IOAS")]
    [SinceLinux("6.2")]
    public const uint VfioIoas = 0x3B88;

    /// <summary><c>IOMMU_HWPT_ALLOC</c>: create a page table.</summary>
    [CName("IOMMU_HWPT_ALLOC")]
    [SinceLinux("6.6")]
    public const uint HwptAlloc = 0x3B89;

    /// <summary><c>IOMMU_GET_HW_INFO</c>: describe the hardware behind a device.</summary>
    [CName("IOMMU_GET_HW_INFO")]
    [SinceLinux("6.6")]
    public const uint GetHwInfo = 0x3B8A;

    /// <summary><c>IOMMU_HWPT_SET_DIRTY_TRACKING</c>: turn dirty tracking on or off.</summary>
    [CName("IOMMU_HWPT_SET_DIRTY_TRACKING")]
    [SinceLinux("6.7")]
    public const uint HwptSetDirtyTracking = 0x3B8B;

    /// <summary><c>IOMMU_HWPT_GET_DIRTY_BITMAP</c>: read the dirty pages.</summary>
    [CName("IOMMU_HWPT_GET_DIRTY_BITMAP")]
    [SinceLinux("6.7")]
    public const uint HwptGetDirtyBitmap = 0x3B8C;

    /// <summary><c>IOMMU_HWPT_INVALIDATE</c>: invalidate caches of a user page table.</summary>
    [CName("IOMMU_HWPT_INVALIDATE")]
    [SinceLinux("6.8")]
    public const uint HwptInvalidate = 0x3B8D;

    /// <summary><c>IOMMU_FAULT_QUEUE_ALLOC</c>: create a fault queue.</summary>
    [CName("IOMMU_FAULT_QUEUE_ALLOC")]
    [SinceLinux("6.11")]
    public const uint FaultQueueAlloc = 0x3B8E;

    /// <summary><c>IOMMU_VIOMMU_ALLOC</c>: create a virtual IOMMU.</summary>
    [CName("IOMMU_VIOMMU_ALLOC")]
    [SinceLinux("6.13")]
    public const uint ViommuAlloc = 0x3B90;

    /// <summary><c>IOMMU_VDEVICE_ALLOC</c>: create a virtual device.</summary>
    [CName("IOMMU_VDEVICE_ALLOC")]
    [SinceLinux("6.13")]
    public const uint VdeviceAlloc = 0x3B91;

    /// <summary><c>IOMMU_IOAS_CHANGE_PROCESS</c>: account all mappings to this process.</summary>
    [CName("IOMMU_IOAS_CHANGE_PROCESS")]
    [SinceLinux("6.14")]
    public const uint IoasChangeProcess = 0x3B92;

    /// <summary><c>IOMMU_VEVENTQ_ALLOC</c>: create a virtual event queue.</summary>
    [CName("IOMMU_VEVENTQ_ALLOC")]
    [SinceLinux("6.15")]
    public const uint VeventqAlloc = 0x3B93;

    /// <summary><c>IOMMU_HW_QUEUE_ALLOC</c>: create a hardware queue.</summary>
    [CName("IOMMU_HW_QUEUE_ALLOC")]
    [SinceLinux("6.17")]
    public const uint HwQueueAlloc = 0x3B94;
}
