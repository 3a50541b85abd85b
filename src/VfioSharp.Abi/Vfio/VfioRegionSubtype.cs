// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Subtypes of device specific regions; numbers repeat from type to type.</summary>
public static class VfioRegionSubtype
{
    /// <summary><c>VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION</c>: vendor 8086: operation region of the integrated GPU.</summary>
    [CName("VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION")]
    public const uint IntelIgdOpregion = 1;

    /// <summary><c>VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG</c>: vendor 8086: configuration space of the host bridge.</summary>
    [CName("VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG")]
    public const uint IntelIgdHostCfg = 2;

    /// <summary><c>VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG</c>: vendor 8086: configuration space of the LPC bridge.</summary>
    [CName("VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG")]
    public const uint IntelIgdLpcCfg = 3;

    /// <summary><c>VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM</c>: vendor 10de, withdrawn: coherent GPU memory.</summary>
    [CName("VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM")]
    public const uint NvidiaNvlink2Ram = 1;

    /// <summary><c>VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD</c>: vendor 1014, withdrawn: shootdown register.</summary>
    [CName("VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD")]
    public const uint IbmNvlink2Atsd = 1;

    /// <summary><c>VFIO_REGION_SUBTYPE_GFX_EDID</c>: display: monitor description.</summary>
    [CName("VFIO_REGION_SUBTYPE_GFX_EDID")]
    public const uint GfxEdid = 1;

    /// <summary><c>VFIO_REGION_SUBTYPE_CCW_ASYNC_CMD</c>: channel I/O: asynchronous commands.</summary>
    [CName("VFIO_REGION_SUBTYPE_CCW_ASYNC_CMD")]
    public const uint CcwAsyncCmd = 1;

    /// <summary><c>VFIO_REGION_SUBTYPE_CCW_SCHIB</c>: channel I/O: subchannel information block.</summary>
    [CName("VFIO_REGION_SUBTYPE_CCW_SCHIB")]
    public const uint CcwSchib = 2;

    /// <summary><c>VFIO_REGION_SUBTYPE_CCW_CRW</c>: channel I/O: channel report words.</summary>
    [CName("VFIO_REGION_SUBTYPE_CCW_CRW")]
    public const uint CcwCrw = 3;

    /// <summary><c>VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED</c>: withdrawn: migration, first version.</summary>
    [CName("VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED")]
    public const uint MigrationDeprecated = 1;
}
