// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the vital product data capability.</summary>
public static class PciVpd
{
    /// <summary><c>PCI_VPD_ADDR</c>: address, 16 bits.</summary>
    [CName("PCI_VPD_ADDR")]
    public const int Address = 2;

    /// <summary><c>PCI_VPD_ADDR_MASK</c>: the address proper.</summary>
    [CName("PCI_VPD_ADDR_MASK")]
    public const int AddressMask = 0x7FFF;

    /// <summary><c>PCI_VPD_ADDR_F</c>: transfer done when it changed.</summary>
    [CName("PCI_VPD_ADDR_F")]
    public const int AddressFlag = 0x8000;

    /// <summary><c>PCI_VPD_DATA</c>: data, 32 bits.</summary>
    [CName("PCI_VPD_DATA")]
    public const int Data = 4;

    /// <summary><c>PCI_CAP_VPD_SIZEOF</c>: bytes of the capability.</summary>
    [CName("PCI_CAP_VPD_SIZEOF")]
    public const int Sizeof = 8;
}
