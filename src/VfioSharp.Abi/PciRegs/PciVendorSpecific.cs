// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets of the vendor specific extended capabilities.</summary>
public static class PciVendorSpecific
{
    /// <summary><c>PCI_VNDR_HEADER</c>: length, revision and number of the vendor's capability.</summary>
    [CName("PCI_VNDR_HEADER")]
    public const int Header = 4;

    /// <summary><c>PCI_DVSEC_HEADER1</c>: length, revision and vendor of a designated one.</summary>
    [CName("PCI_DVSEC_HEADER1")]
    public const int DesignatedHeader1 = 0x04;

    /// <summary><c>PCI_DVSEC_HEADER2</c>: number of a designated one.</summary>
    [CName("PCI_DVSEC_HEADER2")]
    public const int DesignatedHeader2 = 0x08;
}
