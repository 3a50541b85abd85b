// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the expansion ROM register.</summary>
public static class PciRomAddress
{
    /// <summary><c>PCI_ROM_ADDRESS_ENABLE</c>: answers.</summary>
    [CName("PCI_ROM_ADDRESS_ENABLE")]
    public const int Enable = 0x01;

    /// <summary><c>PCI_ROM_ADDRESS_MASK</c>: address.</summary>
    [CName("PCI_ROM_ADDRESS_MASK")]
    public const uint Mask = 0xFFFFF800;
}
