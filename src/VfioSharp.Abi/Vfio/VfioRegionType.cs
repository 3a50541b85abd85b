// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Types of device specific regions.</summary>
public static class VfioRegionType
{
    /// <summary><c>VFIO_REGION_TYPE_PCI_VENDOR_TYPE</c>: marks a type whose low half is a PCI vendor number.</summary>
    [CName("VFIO_REGION_TYPE_PCI_VENDOR_TYPE")]
    public const uint PciVendorType = 1u << 31;

    /// <summary><c>VFIO_REGION_TYPE_PCI_VENDOR_MASK</c>: where that vendor number is.</summary>
    [CName("VFIO_REGION_TYPE_PCI_VENDOR_MASK")]
    public const uint PciVendorMask = 0xFFFF;

    /// <summary><c>VFIO_REGION_TYPE_GFX</c>: display.</summary>
    [CName("VFIO_REGION_TYPE_GFX")]
    public const uint Gfx = 1;

    /// <summary><c>VFIO_REGION_TYPE_CCW</c>: channel I/O.</summary>
    [CName("VFIO_REGION_TYPE_CCW")]
    public const uint Ccw = 2;

    /// <summary><c>VFIO_REGION_TYPE_MIGRATION_DEPRECATED</c>: withdrawn: migration, first version.</summary>
    [CName("VFIO_REGION_TYPE_MIGRATION_DEPRECATED")]
    public const uint MigrationDeprecated = 3;
}
