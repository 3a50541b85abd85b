// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Values of the header type register.</summary>
public static class PciHeaderType
{
    /// <summary><c>PCI_HEADER_TYPE_MASK</c>: where the type is.</summary>
    [CName("PCI_HEADER_TYPE_MASK")]
    public const int Mask = 0x7F;

    /// <summary><c>PCI_HEADER_TYPE_NORMAL</c>: type 0, a device.</summary>
    [CName("PCI_HEADER_TYPE_NORMAL")]
    public const int Normal = 0;

    /// <summary><c>PCI_HEADER_TYPE_BRIDGE</c>: type 1, a bridge.</summary>
    [CName("PCI_HEADER_TYPE_BRIDGE")]
    public const int Bridge = 1;

    /// <summary><c>PCI_HEADER_TYPE_CARDBUS</c>: type 2, a CardBus bridge.</summary>
    [CName("PCI_HEADER_TYPE_CARDBUS")]
    public const int Cardbus = 2;

    /// <summary><c>PCI_HEADER_TYPE_MFD</c>: the device has several functions.</summary>
    [CName("PCI_HEADER_TYPE_MFD")]
    [SinceLinux("6.7")]
    public const int MultiFunction = 0x80;
}
