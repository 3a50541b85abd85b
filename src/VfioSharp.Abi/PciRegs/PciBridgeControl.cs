// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the bridge control register.</summary>
public static class PciBridgeControl
{
    /// <summary><c>PCI_BRIDGE_CTL_PARITY</c>: parity checked below.</summary>
    [CName("PCI_BRIDGE_CTL_PARITY")]
    public const int Parity = 0x01;

    /// <summary><c>PCI_BRIDGE_CTL_SERR</c>: system errors passed up.</summary>
    [CName("PCI_BRIDGE_CTL_SERR")]
    public const int Serr = 0x02;

    /// <summary><c>PCI_BRIDGE_CTL_ISA</c>: ISA port aliases not forwarded.</summary>
    [CName("PCI_BRIDGE_CTL_ISA")]
    public const int Isa = 0x04;

    /// <summary><c>PCI_BRIDGE_CTL_VGA</c>: VGA forwarded.</summary>
    [CName("PCI_BRIDGE_CTL_VGA")]
    public const int Vga = 0x08;

    /// <summary><c>PCI_BRIDGE_CTL_MASTER_ABORT</c>: master aborts reported.</summary>
    [CName("PCI_BRIDGE_CTL_MASTER_ABORT")]
    public const int MasterAbort = 0x20;

    /// <summary><c>PCI_BRIDGE_CTL_BUS_RESET</c>: the bus below is in reset.</summary>
    [CName("PCI_BRIDGE_CTL_BUS_RESET")]
    public const int BusReset = 0x40;

    /// <summary><c>PCI_BRIDGE_CTL_FAST_BACK</c>: fast back-to-back below.</summary>
    [CName("PCI_BRIDGE_CTL_FAST_BACK")]
    public const int FastBack = 0x80;
}
