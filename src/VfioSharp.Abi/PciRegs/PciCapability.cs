// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets in every conventional capability.</summary>
public static class PciCapability
{
    /// <summary><c>PCI_CAP_LIST_ID</c>: which capability, <see cref="PciCapId"/>.</summary>
    [CName("PCI_CAP_LIST_ID")]
    public const int ListId = 0;

    /// <summary><c>PCI_CAP_LIST_NEXT</c>: offset of the next, 0 at the end.</summary>
    [CName("PCI_CAP_LIST_NEXT")]
    public const int ListNext = 1;

    /// <summary><c>PCI_CAP_FLAGS</c>: first 16 bits of its own.</summary>
    [CName("PCI_CAP_FLAGS")]
    public const int Flags = 2;

    /// <summary><c>PCI_CAP_SIZEOF</c>: bytes of the common part.</summary>
    [CName("PCI_CAP_SIZEOF")]
    public const int Sizeof = 4;
}
