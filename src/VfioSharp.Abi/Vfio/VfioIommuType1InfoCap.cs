// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Capability numbers behind <see cref="VfioIommuType1Info"/>.</summary>
public static class VfioIommuType1InfoCap
{
    /// <summary><c>VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE</c>: usable DMA addresses.</summary>
    [CName("VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE")]
    public const uint IovaRange = 1;

    /// <summary><c>VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION</c>: dirty page tracking.</summary>
    [CName("VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION")]
    public const uint Migration = 2;

    /// <summary><c>VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL</c>: mappings that may still be made.</summary>
    [CName("VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL")]
    public const uint DmaAvail = 3;
}
