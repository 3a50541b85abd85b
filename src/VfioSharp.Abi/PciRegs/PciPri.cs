// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the page request capability.</summary>
public static class PciPri
{
    /// <summary><c>PCI_PRI_CTRL</c>: control, 16 bits.</summary>
    [CName("PCI_PRI_CTRL")]
    public const int Control = 0x04;

    /// <summary><c>PCI_PRI_CTRL_ENABLE</c>: on.</summary>
    [CName("PCI_PRI_CTRL_ENABLE")]
    public const int ControlEnable = 0x01;

    /// <summary><c>PCI_PRI_CTRL_RESET</c>: reset.</summary>
    [CName("PCI_PRI_CTRL_RESET")]
    public const int ControlReset = 0x02;

    /// <summary><c>PCI_PRI_STATUS</c>: status, 16 bits.</summary>
    [CName("PCI_PRI_STATUS")]
    public const int Status = 0x06;

    /// <summary><c>PCI_PRI_MAX_REQ</c>: most outstanding requests.</summary>
    [CName("PCI_PRI_MAX_REQ")]
    public const int MaxReq = 0x08;

    /// <summary><c>PCI_PRI_ALLOC_REQ</c>: outstanding requests allowed.</summary>
    [CName("PCI_PRI_ALLOC_REQ")]
    public const int AllocReq = 0x0C;
}
