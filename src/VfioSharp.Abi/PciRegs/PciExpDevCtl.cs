// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the device control register.</summary>
public static class PciExpDevCtl
{
    /// <summary><c>PCI_EXP_DEVCTL_CERE</c>: reports correctable errors.</summary>
    [CName("PCI_EXP_DEVCTL_CERE")]
    public const int Cere = 0x01;

    /// <summary><c>PCI_EXP_DEVCTL_NFERE</c>: reports nonfatal errors.</summary>
    [CName("PCI_EXP_DEVCTL_NFERE")]
    public const int Nfere = 0x02;

    /// <summary><c>PCI_EXP_DEVCTL_FERE</c>: reports fatal errors.</summary>
    [CName("PCI_EXP_DEVCTL_FERE")]
    public const int Fere = 0x04;

    /// <summary><c>PCI_EXP_DEVCTL_URRE</c>: reports unsupported requests.</summary>
    [CName("PCI_EXP_DEVCTL_URRE")]
    public const int Urre = 0x08;

    /// <summary><c>PCI_EXP_DEVCTL_RELAX_EN</c>: relaxed ordering.</summary>
    [CName("PCI_EXP_DEVCTL_RELAX_EN")]
    public const int RelaxEn = 0x10;

    /// <summary><c>PCI_EXP_DEVCTL_PAYLOAD</c>: longest payload.</summary>
    [CName("PCI_EXP_DEVCTL_PAYLOAD")]
    public const int Payload = 0xE0;

    /// <summary><c>PCI_EXP_DEVCTL_EXT_TAG</c>: extended tags.</summary>
    [CName("PCI_EXP_DEVCTL_EXT_TAG")]
    public const int ExtTag = 0x0100;

    /// <summary><c>PCI_EXP_DEVCTL_PHANTOM</c>: phantom functions.</summary>
    [CName("PCI_EXP_DEVCTL_PHANTOM")]
    public const int Phantom = 0x0200;

    /// <summary><c>PCI_EXP_DEVCTL_AUX_PME</c>: auxiliary power.</summary>
    [CName("PCI_EXP_DEVCTL_AUX_PME")]
    public const int AuxPme = 0x0400;

    /// <summary><c>PCI_EXP_DEVCTL_NOSNOOP_EN</c>: no snoop.</summary>
    [CName("PCI_EXP_DEVCTL_NOSNOOP_EN")]
    public const int NosnoopEn = 0x0800;

    /// <summary><c>PCI_EXP_DEVCTL_READRQ</c>: longest read request.</summary>
    [CName("PCI_EXP_DEVCTL_READRQ")]
    public const int Readrq = 0x7000;

    /// <summary><c>PCI_EXP_DEVCTL_BCR_FLR</c>: bridge: retry configuration; endpoint: start a function level reset.</summary>
    [CName("PCI_EXP_DEVCTL_BCR_FLR")]
    public const int BcrFlr = 0x8000;
}
