// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Sizes of the areas in the regions of vfio-ccw.</summary>
public static class CcwAreaSize
{
    /// <summary><c>ORB_AREA_SIZE</c>: operation request block.</summary>
    [CName("ORB_AREA_SIZE")]
    public const uint Orb = 12;

    /// <summary><c>SCSW_AREA_SIZE</c>: subchannel status word.</summary>
    [CName("SCSW_AREA_SIZE")]
    public const uint Scsw = 12;

    /// <summary><c>IRB_AREA_SIZE</c>: interruption response block.</summary>
    [CName("IRB_AREA_SIZE")]
    public const uint Irb = 96;

    /// <summary><c>SCHIB_AREA_SIZE</c>: subchannel information block.</summary>
    [CName("SCHIB_AREA_SIZE")]
    public const uint Schib = 52;
}
