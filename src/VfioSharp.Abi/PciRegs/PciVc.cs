// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the virtual channel capability.</summary>
public static class PciVc
{
    /// <summary><c>PCI_VC_PORT_CAP1</c>: first port capabilities.</summary>
    [CName("PCI_VC_PORT_CAP1")]
    public const int PortCap1 = 0x04;

    /// <summary><c>PCI_VC_CAP1_EVCC</c>: extended channels.</summary>
    [CName("PCI_VC_CAP1_EVCC")]
    public const int Cap1Evcc = 0x07;

    /// <summary><c>PCI_VC_CAP1_LPEVCC</c>: low priority extended channels.</summary>
    [CName("PCI_VC_CAP1_LPEVCC")]
    public const int Cap1Lpevcc = 0x70;

    /// <summary><c>PCI_VC_CAP1_ARB_SIZE</c>: entry size of the arbitration table.</summary>
    [CName("PCI_VC_CAP1_ARB_SIZE")]
    public const int Cap1ArbSize = 0x0C00;

    /// <summary><c>PCI_VC_PORT_CAP2</c>: second port capabilities.</summary>
    [CName("PCI_VC_PORT_CAP2")]
    public const int PortCap2 = 0x08;

    /// <summary><c>PCI_VC_CAP2_32_PHASE</c>: arbitration with 32 phases.</summary>
    [CName("PCI_VC_CAP2_32_PHASE")]
    public const int Cap2Phases32 = 0x02;

    /// <summary><c>PCI_VC_CAP2_64_PHASE</c>: arbitration with 64 phases.</summary>
    [CName("PCI_VC_CAP2_64_PHASE")]
    public const int Cap2Phases64 = 0x04;

    /// <summary><c>PCI_VC_CAP2_128_PHASE</c>: arbitration with 128 phases.</summary>
    [CName("PCI_VC_CAP2_128_PHASE")]
    public const int Cap2Phases128 = 0x08;

    /// <summary><c>PCI_VC_CAP2_ARB_OFF</c>: where the arbitration table is.</summary>
    [CName("PCI_VC_CAP2_ARB_OFF")]
    public const uint Cap2ArbOff = 0xFF000000;

    /// <summary><c>PCI_VC_PORT_CTRL</c>: port control.</summary>
    [CName("PCI_VC_PORT_CTRL")]
    public const int PortCtrl = 0x0C;

    /// <summary><c>PCI_VC_PORT_STATUS</c>: port status.</summary>
    [CName("PCI_VC_PORT_STATUS")]
    public const int PortStatus = 0x0E;

    /// <summary><c>PCI_VC_RES_CAP</c>: capabilities of the first channel.</summary>
    [CName("PCI_VC_RES_CAP")]
    public const int ResCap = 0x10;

    /// <summary><c>PCI_VC_RES_CTRL</c>: control of the first channel.</summary>
    [CName("PCI_VC_RES_CTRL")]
    public const int ResCtrl = 0x14;

    /// <summary><c>PCI_VC_RES_STATUS</c>: status of the first channel.</summary>
    [CName("PCI_VC_RES_STATUS")]
    public const int ResStatus = 0x1A;
}
