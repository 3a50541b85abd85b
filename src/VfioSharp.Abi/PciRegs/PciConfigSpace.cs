// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Sizes of configuration space.</summary>
public static class PciConfigSpace
{
    /// <summary><c>PCI_CFG_SPACE_SIZE</c>: bytes of a conventional function.</summary>
    [CName("PCI_CFG_SPACE_SIZE")]
    public const int Size = 256;

    /// <summary><c>PCI_CFG_SPACE_EXP_SIZE</c>: bytes of a PCI Express function.</summary>
    [CName("PCI_CFG_SPACE_EXP_SIZE")]
    public const int ExpressSize = 4096;

    /// <summary><c>PCI_STD_HEADER_SIZEOF</c>: bytes of the header.</summary>
    [CName("PCI_STD_HEADER_SIZEOF")]
    public const int HeaderSize = 64;

    /// <summary><c>PCI_STD_NUM_BARS</c>: base address registers of a type 0 header.</summary>
    [CName("PCI_STD_NUM_BARS")]
    public const int BarCount = 6;
}
