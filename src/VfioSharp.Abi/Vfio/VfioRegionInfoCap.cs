// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Capability numbers behind <see cref="VfioRegionInfo"/>.</summary>
public static class VfioRegionInfoCap
{
    /// <summary><c>VFIO_REGION_INFO_CAP_SPARSE_MMAP</c>: only listed areas can be mapped.</summary>
    [CName("VFIO_REGION_INFO_CAP_SPARSE_MMAP")]
    public const uint SparseMmap = 1;

    /// <summary><c>VFIO_REGION_INFO_CAP_TYPE</c>: type and subtype of a device specific region.</summary>
    [CName("VFIO_REGION_INFO_CAP_TYPE")]
    public const uint Type = 2;

    /// <summary><c>VFIO_REGION_INFO_CAP_MSIX_MAPPABLE</c>: the pages of the MSI-X table can be mapped too.</summary>
    [CName("VFIO_REGION_INFO_CAP_MSIX_MAPPABLE")]
    public const uint MsixMappable = 3;

    /// <summary><c>VFIO_REGION_INFO_CAP_NVLINK2_SSATGT</c>: withdrawn: address of GPU memory on the system bus.</summary>
    [CName("VFIO_REGION_INFO_CAP_NVLINK2_SSATGT")]
    public const uint Nvlink2Ssatgt = 4;

    /// <summary><c>VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD</c>: withdrawn: NVLink speed.</summary>
    [CName("VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD")]
    public const uint Nvlink2Lnkspd = 5;
}
