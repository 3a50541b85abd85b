// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the processing hints capability.</summary>
public static class PciTph
{
    /// <summary><c>PCI_TPH_CAP</c>: capabilities.</summary>
    [CName("PCI_TPH_CAP")]
    public const int Capabilities = 4;

    /// <summary><c>PCI_TPH_CAP_LOC_MASK</c>: where the steering table is.</summary>
    [CName("PCI_TPH_CAP_LOC_MASK")]
    public const int CapLocMask = 0x0600;

    /// <summary><c>PCI_TPH_LOC_NONE</c>: there is none.</summary>
    [CName("PCI_TPH_LOC_NONE")]
    public const int LocNone = 0x00;

    /// <summary><c>PCI_TPH_LOC_CAP</c>: in the capability.</summary>
    [CName("PCI_TPH_LOC_CAP")]
    public const int LocCapability = 0x0200;

    /// <summary><c>PCI_TPH_LOC_MSIX</c>: in the MSI-X table.</summary>
    [CName("PCI_TPH_LOC_MSIX")]
    public const int LocMsix = 0x0400;

    /// <summary><c>PCI_TPH_CAP_ST_MASK</c>: size of the steering table.</summary>
    [CName("PCI_TPH_CAP_ST_MASK")]
    public const int CapStMask = 0x07FF0000;

    /// <summary><c>PCI_TPH_CAP_ST_SHIFT</c>: where that size begins.</summary>
    [CName("PCI_TPH_CAP_ST_SHIFT")]
    public const int CapStShift = 16;

    /// <summary><c>PCI_TPH_CTRL</c>: control.</summary>
    [CName("PCI_TPH_CTRL")]
    [SinceLinux("6.13")]
    public const int Control = 8;
}
