// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the device status register.</summary>
public static class PciExpDevSta
{
    /// <summary><c>PCI_EXP_DEVSTA_CED</c>: correctable error seen.</summary>
    [CName("PCI_EXP_DEVSTA_CED")]
    public const int Ced = 0x01;

    /// <summary><c>PCI_EXP_DEVSTA_NFED</c>: nonfatal error seen.</summary>
    [CName("PCI_EXP_DEVSTA_NFED")]
    public const int Nfed = 0x02;

    /// <summary><c>PCI_EXP_DEVSTA_FED</c>: fatal error seen.</summary>
    [CName("PCI_EXP_DEVSTA_FED")]
    public const int Fed = 0x04;

    /// <summary><c>PCI_EXP_DEVSTA_URD</c>: unsupported request seen.</summary>
    [CName("PCI_EXP_DEVSTA_URD")]
    public const int Urd = 0x08;

    /// <summary><c>PCI_EXP_DEVSTA_AUXPD</c>: auxiliary power there.</summary>
    [CName("PCI_EXP_DEVSTA_AUXPD")]
    public const int Auxpd = 0x10;

    /// <summary><c>PCI_EXP_DEVSTA_TRPND</c>: transactions pending.</summary>
    [CName("PCI_EXP_DEVSTA_TRPND")]
    public const int Trpnd = 0x20;
}
