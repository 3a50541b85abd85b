// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Region indexes of vfio-pci.</summary>
public static class VfioPciRegionIndex
{
    /// <summary><c>VFIO_PCI_BAR0_REGION_INDEX</c>: base address register 0.</summary>
    [CName("VFIO_PCI_BAR0_REGION_INDEX")]
    public const uint Bar0 = 0;

    /// <summary><c>VFIO_PCI_BAR1_REGION_INDEX</c>: base address register 1.</summary>
    [CName("VFIO_PCI_BAR1_REGION_INDEX")]
    public const uint Bar1 = 1;

    /// <summary><c>VFIO_PCI_BAR2_REGION_INDEX</c>: base address register 2.</summary>
    [CName("VFIO_PCI_BAR2_REGION_INDEX")]
    public const uint Bar2 = 2;

    /// <summary><c>VFIO_PCI_BAR3_REGION_INDEX</c>: base address register 3.</summary>
    [CName("VFIO_PCI_BAR3_REGION_INDEX")]
    public const uint Bar3 = 3;

    /// <summary><c>VFIO_PCI_BAR4_REGION_INDEX</c>: base address register 4.</summary>
    [CName("VFIO_PCI_BAR4_REGION_INDEX")]
    public const uint Bar4 = 4;

    /// <summary><c>VFIO_PCI_BAR5_REGION_INDEX</c>: base address register 5.</summary>
    [CName("VFIO_PCI_BAR5_REGION_INDEX")]
    public const uint Bar5 = 5;

    /// <summary><c>VFIO_PCI_ROM_REGION_INDEX</c>: expansion ROM.</summary>
    [CName("VFIO_PCI_ROM_REGION_INDEX")]
    public const uint Rom = 6;

    /// <summary><c>VFIO_PCI_CONFIG_REGION_INDEX</c>: configuration space.</summary>
    [CName("VFIO_PCI_CONFIG_REGION_INDEX")]
    public const uint Config = 7;

    /// <summary><c>VFIO_PCI_VGA_REGION_INDEX</c>: legacy VGA ports and memory.</summary>
    [CName("VFIO_PCI_VGA_REGION_INDEX")]
    public const uint Vga = 8;

    /// <summary><c>VFIO_PCI_NUM_REGIONS</c>: first index of device specific regions.</summary>
    [CName("VFIO_PCI_NUM_REGIONS")]
    public const uint Count = 9;
}
