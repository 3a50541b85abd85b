// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Region indexes of vfio-ccw.</summary>
public static class VfioCcwRegionIndex
{
    /// <summary><c>VFIO_CCW_CONFIG_REGION_INDEX</c>: the I/O region.</summary>
    [CName("VFIO_CCW_CONFIG_REGION_INDEX")]
    public const uint Config = 0;

    /// <summary><c>VFIO_CCW_NUM_REGIONS</c>: number of fixed indexes.</summary>
    [CName("VFIO_CCW_NUM_REGIONS")]
    public const uint Count = 1;
}
