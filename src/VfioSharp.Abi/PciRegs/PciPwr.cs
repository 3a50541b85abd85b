// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets of the power budgeting capability.</summary>
public static class PciPwr
{
    /// <summary><c>PCI_PWR_DSR</c>: data select.</summary>
    [CName("PCI_PWR_DSR")]
    public const int DataSelect = 0x04;

    /// <summary><c>PCI_PWR_DATA</c>: data.</summary>
    [CName("PCI_PWR_DATA")]
    public const int Data = 0x08;

    /// <summary><c>PCI_PWR_CAP</c>: capabilities.</summary>
    [CName("PCI_PWR_CAP")]
    public const int Capabilities = 0x0C;
}
