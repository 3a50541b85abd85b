// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Numbers of conventional capabilities.</summary>
public static class PciCapId
{
    /// <summary><c>PCI_CAP_ID_PM</c>: power management.</summary>
    [CName("PCI_CAP_ID_PM")]
    public const int Pm = 0x01;

    /// <summary><c>PCI_CAP_ID_AGP</c>: accelerated graphics port.</summary>
    [CName("PCI_CAP_ID_AGP")]
    public const int Agp = 0x02;

    /// <summary><c>PCI_CAP_ID_VPD</c>: vital product data.</summary>
    [CName("PCI_CAP_ID_VPD")]
    public const int Vpd = 0x03;

    /// <summary><c>PCI_CAP_ID_SLOTID</c>: slot identification.</summary>
    [CName("PCI_CAP_ID_SLOTID")]
    public const int Slotid = 0x04;

    /// <summary><c>PCI_CAP_ID_MSI</c>: message signalled interrupts.</summary>
    [CName("PCI_CAP_ID_MSI")]
    public const int Msi = 0x05;

    /// <summary><c>PCI_CAP_ID_CHSWP</c>: CompactPCI hot swap.</summary>
    [CName("PCI_CAP_ID_CHSWP")]
    public const int Chswp = 0x06;

    /// <summary><c>PCI_CAP_ID_PCIX</c>: PCI-X.</summary>
    [CName("PCI_CAP_ID_PCIX")]
    public const int Pcix = 0x07;

    /// <summary><c>PCI_CAP_ID_HT</c>: HyperTransport.</summary>
    [CName("PCI_CAP_ID_HT")]
    public const int Ht = 0x08;

    /// <summary><c>PCI_CAP_ID_VNDR</c>: vendor specific.</summary>
    [CName("PCI_CAP_ID_VNDR")]
    public const int Vndr = 0x09;

    /// <summary><c>PCI_CAP_ID_DBG</c>: debug port.</summary>
    [CName("PCI_CAP_ID_DBG")]
    public const int Dbg = 0x0A;

    /// <summary><c>PCI_CAP_ID_CCRC</c>: CompactPCI resource control.</summary>
    [CName("PCI_CAP_ID_CCRC")]
    public const int Ccrc = 0x0B;

    /// <summary><c>PCI_CAP_ID_SHPC</c>: standard hot-plug controller.</summary>
    [CName("PCI_CAP_ID_SHPC")]
    public const int Shpc = 0x0C;

    /// <summary><c>PCI_CAP_ID_SSVID</c>: subsystem of a bridge.</summary>
    [CName("PCI_CAP_ID_SSVID")]
    public const int Ssvid = 0x0D;

    /// <summary><c>PCI_CAP_ID_AGP3</c>: AGP 8x.</summary>
    [CName("PCI_CAP_ID_AGP3")]
    public const int Agp3 = 0x0E;

    /// <summary><c>PCI_CAP_ID_SECDEV</c>: secure device.</summary>
    [CName("PCI_CAP_ID_SECDEV")]
    public const int Secdev = 0x0F;

    /// <summary><c>PCI_CAP_ID_EXP</c>: PCI Express.</summary>
    [CName("PCI_CAP_ID_EXP")]
    public const int Exp = 0x10;

    /// <summary><c>PCI_CAP_ID_MSIX</c>: MSI-X.</summary>
    [CName("PCI_CAP_ID_MSIX")]
    public const int Msix = 0x11;

    /// <summary><c>PCI_CAP_ID_SATA</c>: SATA data and index.</summary>
    [CName("PCI_CAP_ID_SATA")]
    public const int Sata = 0x12;

    /// <summary><c>PCI_CAP_ID_AF</c>: advanced features of a conventional function.</summary>
    [CName("PCI_CAP_ID_AF")]
    public const int Af = 0x13;

    /// <summary><c>PCI_CAP_ID_EA</c>: enhanced allocation.</summary>
    [CName("PCI_CAP_ID_EA")]
    public const int Ea = 0x14;

    /// <summary><c>PCI_CAP_ID_MAX</c>: highest number known.</summary>
    [CName("PCI_CAP_ID_MAX")]
    public const int Max = 20;
}
