// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the PCI Express capabilities register.</summary>
public static class PciExpFlags
{
    /// <summary><c>PCI_EXP_FLAGS_VERS</c>: version of the capability.</summary>
    [CName("PCI_EXP_FLAGS_VERS")]
    public const int Vers = 0x0F;

    /// <summary><c>PCI_EXP_FLAGS_TYPE</c>: <see cref="PciExpType"/>, four bits up.</summary>
    [CName("PCI_EXP_FLAGS_TYPE")]
    public const int Type = 0xF0;

    /// <summary><c>PCI_EXP_FLAGS_SLOT</c>: there is a slot.</summary>
    [CName("PCI_EXP_FLAGS_SLOT")]
    public const int Slot = 0x0100;

    /// <summary><c>PCI_EXP_FLAGS_IRQ</c>: message number of its interrupt.</summary>
    [CName("PCI_EXP_FLAGS_IRQ")]
    public const int Irq = 0x3E00;
}
