// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets of the PCI Express capability, and its sizes.</summary>
public static class PciExp
{
    /// <summary><c>PCI_EXP_FLAGS</c>: capabilities, 16 bits, <see cref="PciExpFlags"/>.</summary>
    [CName("PCI_EXP_FLAGS")]
    public const int Flags = 0x02;

    /// <summary><c>PCI_EXP_DEVCAP</c>: device capabilities, <see cref="PciExpDevCap"/>.</summary>
    [CName("PCI_EXP_DEVCAP")]
    public const int DevCap = 0x04;

    /// <summary><c>PCI_EXP_DEVCTL</c>: device control, 16 bits, <see cref="PciExpDevCtl"/>.</summary>
    [CName("PCI_EXP_DEVCTL")]
    public const int DevCtl = 0x08;

    /// <summary><c>PCI_EXP_DEVSTA</c>: device status, 16 bits, <see cref="PciExpDevSta"/>.</summary>
    [CName("PCI_EXP_DEVSTA")]
    public const int DevSta = 0x0A;

    /// <summary><c>PCI_EXP_LNKCAP</c>: link capabilities.</summary>
    [CName("PCI_EXP_LNKCAP")]
    public const int LnkCap = 0x0C;

    /// <summary><c>PCI_EXP_LNKCTL</c>: link control, 16 bits.</summary>
    [CName("PCI_EXP_LNKCTL")]
    public const int LnkCtl = 0x10;

    /// <summary><c>PCI_EXP_LNKSTA</c>: link status, 16 bits.</summary>
    [CName("PCI_EXP_LNKSTA")]
    public const int LnkSta = 0x12;

    /// <summary><c>PCI_EXP_SLTCAP</c>: slot capabilities.</summary>
    [CName("PCI_EXP_SLTCAP")]
    public const int SltCap = 0x14;

    /// <summary><c>PCI_EXP_SLTCTL</c>: slot control, 16 bits.</summary>
    [CName("PCI_EXP_SLTCTL")]
    public const int SltCtl = 0x18;

    /// <summary><c>PCI_EXP_SLTSTA</c>: slot status, 16 bits.</summary>
    [CName("PCI_EXP_SLTSTA")]
    public const int SltSta = 0x1A;

    /// <summary><c>PCI_EXP_RTCTL</c>: root control, 16 bits.</summary>
    [CName("PCI_EXP_RTCTL")]
    public const int RtCtl = 0x1C;

    /// <summary><c>PCI_EXP_RTCAP</c>: root capabilities, 16 bits.</summary>
    [CName("PCI_EXP_RTCAP")]
    public const int RtCap = 0x1E;

    /// <summary><c>PCI_EXP_RTSTA</c>: root status.</summary>
    [CName("PCI_EXP_RTSTA")]
    public const int RtSta = 0x20;

    /// <summary><c>PCI_EXP_DEVCAP2</c>: device capabilities 2, <see cref="PciExpDevCap2"/>.</summary>
    [CName("PCI_EXP_DEVCAP2")]
    public const int DevCap2 = 0x24;

    /// <summary><c>PCI_EXP_DEVCTL2</c>: device control 2, 16 bits, <see cref="PciExpDevCtl2"/>.</summary>
    [CName("PCI_EXP_DEVCTL2")]
    public const int DevCtl2 = 0x28;

    /// <summary><c>PCI_EXP_DEVSTA2</c>: device status 2, 16 bits.</summary>
    [CName("PCI_EXP_DEVSTA2")]
    public const int DevSta2 = 0x2A;

    /// <summary><c>PCI_EXP_LNKCAP2</c>: link capabilities 2.</summary>
    [CName("PCI_EXP_LNKCAP2")]
    public const int LnkCap2 = 0x2C;

    /// <summary><c>PCI_EXP_LNKCTL2</c>: link control 2, 16 bits.</summary>
    [CName("PCI_EXP_LNKCTL2")]
    public const int LnkCtl2 = 0x30;

    /// <summary><c>PCI_EXP_LNKSTA2</c>: link status 2, 16 bits.</summary>
    [CName("PCI_EXP_LNKSTA2")]
    public const int LnkSta2 = 0x32;

    /// <summary><c>PCI_EXP_SLTCAP2</c>: slot capabilities 2.</summary>
    [CName("PCI_EXP_SLTCAP2")]
    public const int SltCap2 = 0x34;

    /// <summary><c>PCI_EXP_SLTCTL2</c>: slot control 2, 16 bits.</summary>
    [CName("PCI_EXP_SLTCTL2")]
    public const int SltCtl2 = 0x38;

    /// <summary><c>PCI_EXP_SLTSTA2</c>: slot status 2, 16 bits.</summary>
    [CName("PCI_EXP_SLTSTA2")]
    public const int SltSta2 = 0x3A;

    /// <summary><c>PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V1</c>: bytes of a root integrated endpoint, version 1.</summary>
    [CName("PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V1")]
    public const int RootEndpointSizeofV1 = 12;

    /// <summary><c>PCI_CAP_EXP_ENDPOINT_SIZEOF_V1</c>: bytes of an endpoint, version 1.</summary>
    [CName("PCI_CAP_EXP_ENDPOINT_SIZEOF_V1")]
    public const int EndpointSizeofV1 = 20;

    /// <summary><c>PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V2</c>: bytes of a root integrated endpoint, version 2.</summary>
    [CName("PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V2")]
    public const int RootEndpointSizeofV2 = 0x2C;

    /// <summary><c>PCI_CAP_EXP_ENDPOINT_SIZEOF_V2</c>: bytes of an endpoint, version 2.</summary>
    [CName("PCI_CAP_EXP_ENDPOINT_SIZEOF_V2")]
    [SinceLinux("7.0")]
    public const int EndpointSizeofV2 = 0x34;
}
