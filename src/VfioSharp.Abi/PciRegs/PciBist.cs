// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the self test register.</summary>
public static class PciBist
{
    /// <summary><c>PCI_BIST_CODE_MASK</c>: result, 0 for good.</summary>
    [CName("PCI_BIST_CODE_MASK")]
    public const int CodeMask = 0x0F;

    /// <summary><c>PCI_BIST_START</c>: start.</summary>
    [CName("PCI_BIST_START")]
    public const int Start = 0x40;

    /// <summary><c>PCI_BIST_CAPABLE</c>: there is a self test.</summary>
    [CName("PCI_BIST_CAPABLE")]
    public const int Capable = 0x80;
}
