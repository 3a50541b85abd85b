// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>IOMMU types a container can be set to, with the ABI's numbers (VFIO_TYPE1_IOMMU and so on).</summary>
public enum IommuType
{
    /// <summary>VFIO_TYPE1_IOMMU: unmapping may cut mappings in parts.</summary>
    Type1 = 1,

    /// <summary>VFIO_TYPE1v2_IOMMU: mappings are unmapped whole.</summary>
    Type1V2 = 3,
}
