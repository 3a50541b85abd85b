// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the device capabilities register.</summary>
public static class PciExpDevCap
{
    /// <summary><c>PCI_EXP_DEVCAP_PAYLOAD</c>: longest payload it can take.</summary>
    [CName("PCI_EXP_DEVCAP_PAYLOAD")]
    public const int Payload = 0x07;

    /// <summary><c>PCI_EXP_DEVCAP_PHANTOM</c>: phantom functions.</summary>
    [CName("PCI_EXP_DEVCAP_PHANTOM")]
    public const int Phantom = 0x18;

    /// <summary><c>PCI_EXP_DEVCAP_EXT_TAG</c>: extended tags.</summary>
    [CName("PCI_EXP_DEVCAP_EXT_TAG")]
    public const int ExtTag = 0x20;

    /// <summary><c>PCI_EXP_DEVCAP_L0S</c>: acceptable latency from L0s.</summary>
    [CName("PCI_EXP_DEVCAP_L0S")]
    public const int L0s = 0x01C0;

    /// <summary><c>PCI_EXP_DEVCAP_L1</c>: acceptable latency from L1.</summary>
    [CName("PCI_EXP_DEVCAP_L1")]
    public const int L1 = 0x0E00;

    /// <summary><c>PCI_EXP_DEVCAP_RBER</c>: role-based error reporting.</summary>
    [CName("PCI_EXP_DEVCAP_RBER")]
    public const int Rber = 0x8000;

    /// <summary><c>PCI_EXP_DEVCAP_PWR_VAL</c>: slot power value.</summary>
    [CName("PCI_EXP_DEVCAP_PWR_VAL")]
    public const int PwrVal = 0x03FC0000;

    /// <summary><c>PCI_EXP_DEVCAP_PWR_SCL</c>: slot power scale.</summary>
    [CName("PCI_EXP_DEVCAP_PWR_SCL")]
    public const int PwrScl = 0x0C000000;

    /// <summary><c>PCI_EXP_DEVCAP_FLR</c>: function level reset.</summary>
    [CName("PCI_EXP_DEVCAP_FLR")]
    public const int Flr = 0x10000000;
}
