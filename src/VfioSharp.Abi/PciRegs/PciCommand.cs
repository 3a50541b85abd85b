// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the command register.</summary>
public static class PciCommand
{
    /// <summary><c>PCI_COMMAND_IO</c>: answers to ports.</summary>
    [CName("PCI_COMMAND_IO")]
    public const int Io = 0x01;

    /// <summary><c>PCI_COMMAND_MEMORY</c>: answers to memory.</summary>
    [CName("PCI_COMMAND_MEMORY")]
    public const int Memory = 0x02;

    /// <summary><c>PCI_COMMAND_MASTER</c>: may start DMA.</summary>
    [CName("PCI_COMMAND_MASTER")]
    public const int Master = 0x04;

    /// <summary><c>PCI_COMMAND_SPECIAL</c>: sees special cycles.</summary>
    [CName("PCI_COMMAND_SPECIAL")]
    public const int Special = 0x08;

    /// <summary><c>PCI_COMMAND_INVALIDATE</c>: may write and invalidate.</summary>
    [CName("PCI_COMMAND_INVALIDATE")]
    public const int Invalidate = 0x10;

    /// <summary><c>PCI_COMMAND_VGA_PALETTE</c>: snoops the palette.</summary>
    [CName("PCI_COMMAND_VGA_PALETTE")]
    public const int VgaPalette = 0x20;

    /// <summary><c>PCI_COMMAND_PARITY</c>: answers parity errors.</summary>
    [CName("PCI_COMMAND_PARITY")]
    public const int Parity = 0x40;

    /// <summary><c>PCI_COMMAND_WAIT</c>: address stepping.</summary>
    [CName("PCI_COMMAND_WAIT")]
    public const int Wait = 0x80;

    /// <summary><c>PCI_COMMAND_SERR</c>: may signal system errors.</summary>
    [CName("PCI_COMMAND_SERR")]
    public const int Serr = 0x0100;

    /// <summary><c>PCI_COMMAND_FAST_BACK</c>: fast back-to-back writes.</summary>
    [CName("PCI_COMMAND_FAST_BACK")]
    public const int FastBack = 0x0200;

    /// <summary><c>PCI_COMMAND_INTX_DISABLE</c>: line interrupt off.</summary>
    [CName("PCI_COMMAND_INTX_DISABLE")]
    public const int IntxDisable = 0x0400;
}
