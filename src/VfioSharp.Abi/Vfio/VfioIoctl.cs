// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Request numbers of <c>vfio.h</c>. Some numbers mean different things on different descriptors: each meaning has its own name.</summary>
public static class VfioIoctl
{
    /// <summary><c>VFIO_GET_API_VERSION</c>: container: version of the interface.</summary>
    [CName("VFIO_GET_API_VERSION")]
    public const uint GetApiVersion = 0x3B64;

    /// <summary><c>VFIO_CHECK_EXTENSION</c>: container: is a <see cref="VfioExtension"/> there.</summary>
    [CName("VFIO_CHECK_EXTENSION")]
    public const uint CheckExtension = 0x3B65;

    /// <summary><c>VFIO_SET_IOMMU</c>: container: choose the IOMMU kind.</summary>
    [CName("VFIO_SET_IOMMU")]
    public const uint SetIommu = 0x3B66;

    /// <summary><c>VFIO_GROUP_GET_STATUS</c>: group: viable, and in a container?.</summary>
    [CName("VFIO_GROUP_GET_STATUS")]
    public const uint GroupGetStatus = 0x3B67;

    /// <summary><c>VFIO_GROUP_SET_CONTAINER</c>: group: enter the container whose descriptor is pointed to.</summary>
    [CName("VFIO_GROUP_SET_CONTAINER")]
    public const uint GroupSetContainer = 0x3B68;

    /// <summary><c>VFIO_GROUP_UNSET_CONTAINER</c>: group: leave its container.</summary>
    [CName("VFIO_GROUP_UNSET_CONTAINER")]
    public const uint GroupUnsetContainer = 0x3B69;

    /// <summary><c>VFIO_GROUP_GET_DEVICE_FD</c>: group: open the device whose name is pointed to.</summary>
    [CName("VFIO_GROUP_GET_DEVICE_FD")]
    public const uint GroupGetDeviceFd = 0x3B6A;

    /// <summary><c>VFIO_DEVICE_GET_INFO</c>: device: flags and numbers of regions and interrupt indexes.</summary>
    [CName("VFIO_DEVICE_GET_INFO")]
    public const uint DeviceGetInfo = 0x3B6B;

    /// <summary><c>VFIO_DEVICE_GET_REGION_INFO</c>: device: size, offset and abilities of one region.</summary>
    [CName("VFIO_DEVICE_GET_REGION_INFO")]
    public const uint DeviceGetRegionInfo = 0x3B6C;

    /// <summary><c>VFIO_DEVICE_GET_IRQ_INFO</c>: device: count and abilities of one interrupt index.</summary>
    [CName("VFIO_DEVICE_GET_IRQ_INFO")]
    public const uint DeviceGetIrqInfo = 0x3B6D;

    /// <summary><c>VFIO_DEVICE_SET_IRQS</c>: device: trigger, mask, unmask, or set eventfds.</summary>
    [CName("VFIO_DEVICE_SET_IRQS")]
    public const uint DeviceSetIrqs = 0x3B6E;

    /// <summary><c>VFIO_DEVICE_RESET</c>: device: reset the function.</summary>
    [CName("VFIO_DEVICE_RESET")]
    public const uint DeviceReset = 0x3B6F;

    /// <summary><c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c>: device: which devices a bus or slot reset would touch.</summary>
    [CName("VFIO_DEVICE_GET_PCI_HOT_RESET_INFO")]
    public const uint DeviceGetPciHotResetInfo = 0x3B70;

    /// <summary><c>VFIO_DEVICE_PCI_HOT_RESET</c>: device: reset the bus or slot, ownership being proved.</summary>
    [CName("VFIO_DEVICE_PCI_HOT_RESET")]
    public const uint DevicePciHotReset = 0x3B71;

    /// <summary><c>VFIO_DEVICE_QUERY_GFX_PLANE</c>: device: description of a display plane.</summary>
    [CName("VFIO_DEVICE_QUERY_GFX_PLANE")]
    public const uint DeviceQueryGfxPlane = 0x3B72;

    /// <summary><c>VFIO_DEVICE_GET_GFX_DMABUF</c>: device: dma-buf descriptor of a display plane.</summary>
    [CName("VFIO_DEVICE_GET_GFX_DMABUF")]
    public const uint DeviceGetGfxDmabuf = 0x3B73;

    /// <summary><c>VFIO_DEVICE_IOEVENTFD</c>: device: write a value to a region whenever an eventfd fires.</summary>
    [CName("VFIO_DEVICE_IOEVENTFD")]
    public const uint DeviceIoeventfd = 0x3B74;

    /// <summary><c>VFIO_DEVICE_FEATURE</c>: device: probe, get or set one feature.</summary>
    [CName("VFIO_DEVICE_FEATURE")]
    public const uint DeviceFeature = 0x3B75;

    /// <summary><c>VFIO_DEVICE_BIND_IOMMUFD</c>: device opened by itself: bind to an iommufd.</summary>
    [CName("VFIO_DEVICE_BIND_IOMMUFD")]
    [SinceLinux("6.6")]
    public const uint DeviceBindIommufd = 0x3B76;

    /// <summary><c>VFIO_DEVICE_ATTACH_IOMMUFD_PT</c>: device opened by itself: attach to a page table or address space.</summary>
    [CName("VFIO_DEVICE_ATTACH_IOMMUFD_PT")]
    [SinceLinux("6.6")]
    public const uint DeviceAttachIommufdPt = 0x3B77;

    /// <summary><c>VFIO_DEVICE_DETACH_IOMMUFD_PT</c>: device opened by itself: detach from it.</summary>
    [CName("VFIO_DEVICE_DETACH_IOMMUFD_PT")]
    [SinceLinux("6.6")]
    public const uint DeviceDetachIommufdPt = 0x3B78;

    /// <summary><c>VFIO_MIG_GET_PRECOPY_INFO</c>: migration data descriptor: how much is left to copy.</summary>
    [CName("VFIO_MIG_GET_PRECOPY_INFO")]
    [SinceLinux("6.2")]
    public const uint MigGetPrecopyInfo = 0x3B79;

    /// <summary><c>VFIO_IOMMU_GET_INFO</c>: container of Type1: page sizes and capabilities.</summary>
    [CName("VFIO_IOMMU_GET_INFO")]
    public const uint IommuGetInfo = 0x3B70;

    /// <summary><c>VFIO_IOMMU_MAP_DMA</c>: container: map process memory for DMA.</summary>
    [CName("VFIO_IOMMU_MAP_DMA")]
    public const uint IommuMapDma = 0x3B71;

    /// <summary><c>VFIO_IOMMU_UNMAP_DMA</c>: container: remove mappings.</summary>
    [CName("VFIO_IOMMU_UNMAP_DMA")]
    public const uint IommuUnmapDma = 0x3B72;

    /// <summary><c>VFIO_IOMMU_ENABLE</c>: container of sPAPR TCE v1: begin to use the window, account its memory.</summary>
    [CName("VFIO_IOMMU_ENABLE")]
    public const uint IommuEnable = 0x3B73;

    /// <summary><c>VFIO_IOMMU_DISABLE</c>: container of sPAPR TCE v1: end that.</summary>
    [CName("VFIO_IOMMU_DISABLE")]
    public const uint IommuDisable = 0x3B74;

    /// <summary><c>VFIO_IOMMU_DIRTY_PAGES</c>: container of Type1: dirty page tracking.</summary>
    [CName("VFIO_IOMMU_DIRTY_PAGES")]
    public const uint IommuDirtyPages = 0x3B75;

    /// <summary><c>VFIO_IOMMU_SPAPR_TCE_GET_INFO</c>: container of sPAPR TCE: default window and dynamic windows.</summary>
    [CName("VFIO_IOMMU_SPAPR_TCE_GET_INFO")]
    public const uint IommuSpaprTceGetInfo = 0x3B70;

    /// <summary><c>VFIO_EEH_PE_OP</c>: container of sPAPR TCE: one operation of enhanced error handling.</summary>
    [CName("VFIO_EEH_PE_OP")]
    public const uint EehPeOp = 0x3B79;

    /// <summary><c>VFIO_IOMMU_SPAPR_REGISTER_MEMORY</c>: container of sPAPR TCE v2: pin and account process memory.</summary>
    [CName("VFIO_IOMMU_SPAPR_REGISTER_MEMORY")]
    public const uint IommuSpaprRegisterMemory = 0x3B75;

    /// <summary><c>VFIO_IOMMU_SPAPR_UNREGISTER_MEMORY</c>: container of sPAPR TCE v2: undo that.</summary>
    [CName("VFIO_IOMMU_SPAPR_UNREGISTER_MEMORY")]
    public const uint IommuSpaprUnregisterMemory = 0x3B76;

    /// <summary><c>VFIO_IOMMU_SPAPR_TCE_CREATE</c>: container of sPAPR TCE v2: create a DMA window.</summary>
    [CName("VFIO_IOMMU_SPAPR_TCE_CREATE")]
    public const uint IommuSpaprTceCreate = 0x3B77;

    /// <summary><c>VFIO_IOMMU_SPAPR_TCE_REMOVE</c>: container of sPAPR TCE v2: remove a DMA window.</summary>
    [CName("VFIO_IOMMU_SPAPR_TCE_REMOVE")]
    public const uint IommuSpaprTceRemove = 0x3B78;
}
