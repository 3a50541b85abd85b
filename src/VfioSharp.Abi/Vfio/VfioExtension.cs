// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>What CHECK_EXTENSION is asked for; the IOMMU kinds among them are also the argument of SET_IOMMU.</summary>
public static class VfioExtension
{
    /// <summary><c>VFIO_TYPE1_IOMMU</c>: IOMMU kind of x86 and Arm, first version.</summary>
    [CName("VFIO_TYPE1_IOMMU")]
    public const uint Type1 = 1;

    /// <summary><c>VFIO_SPAPR_TCE_IOMMU</c>: IOMMU kind of POWER, first version.</summary>
    [CName("VFIO_SPAPR_TCE_IOMMU")]
    public const uint SpaprTce = 2;

    /// <summary><c>VFIO_TYPE1v2_IOMMU</c>: IOMMU kind Type1 whose unmaps never split a mapping.</summary>
    [CName("VFIO_TYPE1v2_IOMMU")]
    public const uint Type1V2 = 3;

    /// <summary><c>VFIO_DMA_CC_IOMMU</c>: the IOMMU keeps all DMA of the container cache coherent.</summary>
    [CName("VFIO_DMA_CC_IOMMU")]
    public const uint DmaCcIommu = 4;

    /// <summary><c>VFIO_EEH</c>: enhanced error handling of POWER is offered.</summary>
    [CName("VFIO_EEH")]
    public const uint Eeh = 5;

    /// <summary><c>__VFIO_RESERVED_TYPE1_NESTING_IOMMU</c>: number of the two-stage Type1 kind, which was withdrawn.</summary>
    [CName("__VFIO_RESERVED_TYPE1_NESTING_IOMMU")]
    [SinceLinux("6.13")]
    public const uint ReservedType1Nesting = 6;

    /// <summary><c>VFIO_SPAPR_TCE_v2_IOMMU</c>: IOMMU kind of POWER with registered memory and dynamic windows.</summary>
    [CName("VFIO_SPAPR_TCE_v2_IOMMU")]
    public const uint SpaprTceV2 = 7;

    /// <summary><c>VFIO_NOIOMMU_IOMMU</c>: kind without translation and without isolation.</summary>
    [CName("VFIO_NOIOMMU_IOMMU")]
    public const uint NoIommu = 8;

    /// <summary><c>VFIO_UNMAP_ALL</c>: the ALL flag of UNMAP_DMA is understood.</summary>
    [CName("VFIO_UNMAP_ALL")]
    public const uint UnmapAll = 9;

    /// <summary><c>VFIO_UPDATE_VADDR</c>: the VADDR flags of MAP_DMA and UNMAP_DMA are understood.</summary>
    [CName("VFIO_UPDATE_VADDR")]
    public const uint UpdateVaddr = 10;
}
