// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the dynamic power allocation capability.</summary>
public static class PciDpa
{
    /// <summary><c>PCI_DPA_CAP</c>: capabilities.</summary>
    [CName("PCI_DPA_CAP")]
    public const int Capabilities = 4;

    /// <summary><c>PCI_DPA_CAP_SUBSTATE_MASK</c>: highest substate.</summary>
    [CName("PCI_DPA_CAP_SUBSTATE_MASK")]
    public const int CapSubstateMask = 0x1F;
}
