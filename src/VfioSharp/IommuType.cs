// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>IOMMU types a container can be set to, with the ABI's numbers (VFIO_TYPE1_IOMMU and so on).</summary>
public enum IommuType
{
    /// <summary>VFIO_TYPE1_IOMMU: unmapping may cut mappings in parts.</summary>
    Type1 = 1,

    /// <summary>VFIO_SPAPR_TCE_IOMMU: POWER's, version 1: one group, the default window, enabled as a whole.</summary>
    SpaprTce = 2,

    /// <summary>VFIO_TYPE1v2_IOMMU: mappings are unmapped whole.</summary>
    Type1V2 = 3,

    /// <summary>VFIO_SPAPR_TCE_v2_IOMMU: POWER's, version 2: registered memory, windows that are made and removed.</summary>
    SpaprTceV2 = 7,
}
