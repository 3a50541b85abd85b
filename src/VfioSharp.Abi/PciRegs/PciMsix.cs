// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the MSI-X capability and of its table.</summary>
public static class PciMsix
{
    /// <summary><c>PCI_MSIX_FLAGS</c>: message control, 16 bits.</summary>
    [CName("PCI_MSIX_FLAGS")]
    public const int Flags = 2;

    /// <summary><c>PCI_MSIX_FLAGS_QSIZE</c>: entries of the table, less one.</summary>
    [CName("PCI_MSIX_FLAGS_QSIZE")]
    public const int FlagsQsize = 0x07FF;

    /// <summary><c>PCI_MSIX_FLAGS_MASKALL</c>: all vectors masked.</summary>
    [CName("PCI_MSIX_FLAGS_MASKALL")]
    public const int FlagsMaskall = 0x4000;

    /// <summary><c>PCI_MSIX_FLAGS_ENABLE</c>: MSI-X on.</summary>
    [CName("PCI_MSIX_FLAGS_ENABLE")]
    public const int FlagsEnable = 0x8000;

    /// <summary><c>PCI_MSIX_TABLE</c>: where the table is.</summary>
    [CName("PCI_MSIX_TABLE")]
    public const int Table = 4;

    /// <summary><c>PCI_MSIX_TABLE_BIR</c>: base address register of the table.</summary>
    [CName("PCI_MSIX_TABLE_BIR")]
    public const int TableBir = 0x07;

    /// <summary><c>PCI_MSIX_TABLE_OFFSET</c>: offset of the table there.</summary>
    [CName("PCI_MSIX_TABLE_OFFSET")]
    public const uint TableOffset = 0xFFFFFFF8;

    /// <summary><c>PCI_MSIX_PBA</c>: where the pending bits are.</summary>
    [CName("PCI_MSIX_PBA")]
    public const int Pba = 8;

    /// <summary><c>PCI_MSIX_PBA_BIR</c>: base address register of the pending bits.</summary>
    [CName("PCI_MSIX_PBA_BIR")]
    public const int PbaBir = 0x07;

    /// <summary><c>PCI_MSIX_PBA_OFFSET</c>: offset of the pending bits there.</summary>
    [CName("PCI_MSIX_PBA_OFFSET")]
    public const uint PbaOffset = 0xFFFFFFF8;

    /// <summary><c>PCI_CAP_MSIX_SIZEOF</c>: bytes of the capability.</summary>
    [CName("PCI_CAP_MSIX_SIZEOF")]
    public const int Sizeof = 12;

    /// <summary><c>PCI_MSIX_ENTRY_SIZE</c>: bytes of a table entry.</summary>
    [CName("PCI_MSIX_ENTRY_SIZE")]
    public const int EntrySize = 16;

    /// <summary><c>PCI_MSIX_ENTRY_LOWER_ADDR</c>: entry: lower half of the address.</summary>
    [CName("PCI_MSIX_ENTRY_LOWER_ADDR")]
    public const int EntryLowerAddress = 0x00;

    /// <summary><c>PCI_MSIX_ENTRY_UPPER_ADDR</c>: entry: upper half of the address.</summary>
    [CName("PCI_MSIX_ENTRY_UPPER_ADDR")]
    public const int EntryUpperAddress = 0x04;

    /// <summary><c>PCI_MSIX_ENTRY_DATA</c>: entry: data.</summary>
    [CName("PCI_MSIX_ENTRY_DATA")]
    public const int EntryData = 0x08;

    /// <summary><c>PCI_MSIX_ENTRY_VECTOR_CTRL</c>: entry: control.</summary>
    [CName("PCI_MSIX_ENTRY_VECTOR_CTRL")]
    public const int EntryVectorControl = 0x0C;

    /// <summary><c>PCI_MSIX_ENTRY_CTRL_MASKBIT</c>: entry control: masked.</summary>
    [CName("PCI_MSIX_ENTRY_CTRL_MASKBIT")]
    public const int EntryMaskBit = 0x01;
}
