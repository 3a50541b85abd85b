// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the access control services capability.</summary>
public static class PciAcs
{
    /// <summary><c>PCI_ACS_CAP</c>: capabilities, 16 bits.</summary>
    [CName("PCI_ACS_CAP")]
    public const int Capabilities = 0x04;

    /// <summary><c>PCI_ACS_SV</c>: source validation.</summary>
    [CName("PCI_ACS_SV")]
    public const int Sv = 0x01;

    /// <summary><c>PCI_ACS_TB</c>: translation blocking.</summary>
    [CName("PCI_ACS_TB")]
    public const int Tb = 0x02;

    /// <summary><c>PCI_ACS_RR</c>: request redirect.</summary>
    [CName("PCI_ACS_RR")]
    public const int Rr = 0x04;

    /// <summary><c>PCI_ACS_CR</c>: completion redirect.</summary>
    [CName("PCI_ACS_CR")]
    public const int Cr = 0x08;

    /// <summary><c>PCI_ACS_UF</c>: upstream forwarding.</summary>
    [CName("PCI_ACS_UF")]
    public const int Uf = 0x10;

    /// <summary><c>PCI_ACS_EC</c>: egress control.</summary>
    [CName("PCI_ACS_EC")]
    public const int Ec = 0x20;

    /// <summary><c>PCI_ACS_DT</c>: direct translated.</summary>
    [CName("PCI_ACS_DT")]
    public const int Dt = 0x40;

    /// <summary><c>PCI_ACS_EGRESS_BITS</c>: offset of the width of the egress vector.</summary>
    [CName("PCI_ACS_EGRESS_BITS")]
    public const int EgressBits = 0x05;

    /// <summary><c>PCI_ACS_CTRL</c>: control, 16 bits.</summary>
    [CName("PCI_ACS_CTRL")]
    public const int Control = 0x06;

    /// <summary><c>PCI_ACS_EGRESS_CTL_V</c>: egress vector.</summary>
    [CName("PCI_ACS_EGRESS_CTL_V")]
    public const int EgressControlVector = 0x08;
}
