// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Kinds of PCI Express functions.</summary>
public static class PciExpType
{
    /// <summary><c>PCI_EXP_TYPE_ENDPOINT</c>: endpoint.</summary>
    [CName("PCI_EXP_TYPE_ENDPOINT")]
    public const int Endpoint = 0x00;

    /// <summary><c>PCI_EXP_TYPE_LEG_END</c>: legacy endpoint.</summary>
    [CName("PCI_EXP_TYPE_LEG_END")]
    public const int LegacyEndpoint = 0x01;

    /// <summary><c>PCI_EXP_TYPE_ROOT_PORT</c>: root port.</summary>
    [CName("PCI_EXP_TYPE_ROOT_PORT")]
    public const int RootPort = 0x04;

    /// <summary><c>PCI_EXP_TYPE_UPSTREAM</c>: upstream port of a switch.</summary>
    [CName("PCI_EXP_TYPE_UPSTREAM")]
    public const int Upstream = 0x05;

    /// <summary><c>PCI_EXP_TYPE_DOWNSTREAM</c>: downstream port of a switch.</summary>
    [CName("PCI_EXP_TYPE_DOWNSTREAM")]
    public const int Downstream = 0x06;

    /// <summary><c>PCI_EXP_TYPE_PCI_BRIDGE</c>: bridge to conventional PCI.</summary>
    [CName("PCI_EXP_TYPE_PCI_BRIDGE")]
    public const int PciBridge = 0x07;

    /// <summary><c>PCI_EXP_TYPE_PCIE_BRIDGE</c>: bridge from conventional PCI.</summary>
    [CName("PCI_EXP_TYPE_PCIE_BRIDGE")]
    public const int PcieBridge = 0x08;

    /// <summary><c>PCI_EXP_TYPE_RC_END</c>: endpoint integrated in the root complex.</summary>
    [CName("PCI_EXP_TYPE_RC_END")]
    public const int RootEndpoint = 0x09;

    /// <summary><c>PCI_EXP_TYPE_RC_EC</c>: event collector of the root complex.</summary>
    [CName("PCI_EXP_TYPE_RC_EC")]
    public const int RootEventCollector = 0x0A;
}
