// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the advanced features capability.</summary>
public static class PciAf
{
    /// <summary><c>PCI_AF_LENGTH</c>: bytes of the capability.</summary>
    [CName("PCI_AF_LENGTH")]
    public const int Length = 2;

    /// <summary><c>PCI_AF_CAP</c>: capabilities.</summary>
    [CName("PCI_AF_CAP")]
    public const int Capabilities = 3;

    /// <summary><c>PCI_AF_CAP_TP</c>: tells of pending transactions.</summary>
    [CName("PCI_AF_CAP_TP")]
    public const int CapabilityTransactionsPending = 0x01;

    /// <summary><c>PCI_AF_CAP_FLR</c>: has function level reset.</summary>
    [CName("PCI_AF_CAP_FLR")]
    public const int CapabilityFlr = 0x02;

    /// <summary><c>PCI_AF_CTRL</c>: control.</summary>
    [CName("PCI_AF_CTRL")]
    public const int Control = 4;

    /// <summary><c>PCI_AF_CTRL_FLR</c>: start a function level reset.</summary>
    [CName("PCI_AF_CTRL_FLR")]
    public const int ControlFlr = 0x01;

    /// <summary><c>PCI_AF_STATUS</c>: status.</summary>
    [CName("PCI_AF_STATUS")]
    public const int Status = 5;

    /// <summary><c>PCI_AF_STATUS_TP</c>: transactions pending.</summary>
    [CName("PCI_AF_STATUS_TP")]
    public const int StatusTransactionsPending = 0x01;

    /// <summary><c>PCI_CAP_AF_SIZEOF</c>: bytes of the capability.</summary>
    [CName("PCI_CAP_AF_SIZEOF")]
    public const int Sizeof = 6;
}
