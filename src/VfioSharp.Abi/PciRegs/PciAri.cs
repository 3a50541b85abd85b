// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the alternative routing capability.</summary>
public static class PciAri
{
    /// <summary><c>PCI_ARI_CAP</c>: capabilities, 16 bits.</summary>
    [CName("PCI_ARI_CAP")]
    public const int Capabilities = 0x04;

    /// <summary><c>PCI_ARI_CAP_MFVC</c>: function groups for arbitration.</summary>
    [CName("PCI_ARI_CAP_MFVC")]
    public const int CapMfvc = 0x01;

    /// <summary><c>PCI_ARI_CAP_ACS</c>: function groups for access control.</summary>
    [CName("PCI_ARI_CAP_ACS")]
    public const int CapAcs = 0x02;

    /// <summary><c>PCI_ARI_CTRL</c>: control, 16 bits.</summary>
    [CName("PCI_ARI_CTRL")]
    public const int Control = 0x06;

    /// <summary><c>PCI_ARI_CTRL_MFVC</c>: function groups for arbitration on.</summary>
    [CName("PCI_ARI_CTRL_MFVC")]
    public const int ControlMfvc = 0x01;

    /// <summary><c>PCI_ARI_CTRL_ACS</c>: function groups for access control on.</summary>
    [CName("PCI_ARI_CTRL_ACS")]
    public const int ControlAcs = 0x02;
}
