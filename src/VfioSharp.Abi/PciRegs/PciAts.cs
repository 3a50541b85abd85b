// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the address translation services capability.</summary>
public static class PciAts
{
    /// <summary><c>PCI_ATS_CAP</c>: capabilities, 16 bits.</summary>
    [CName("PCI_ATS_CAP")]
    public const int Capabilities = 0x04;

    /// <summary><c>PCI_ATS_CAP_PAGE_ALIGNED</c>: requests are page aligned.</summary>
    [CName("PCI_ATS_CAP_PAGE_ALIGNED")]
    public const int CapPageAligned = 0x20;

    /// <summary><c>PCI_ATS_CTRL</c>: control, 16 bits.</summary>
    [CName("PCI_ATS_CTRL")]
    public const int Control = 0x06;

    /// <summary><c>PCI_ATS_CTRL_ENABLE</c>: on.</summary>
    [CName("PCI_ATS_CTRL_ENABLE")]
    public const int ControlEnable = 0x8000;
}
