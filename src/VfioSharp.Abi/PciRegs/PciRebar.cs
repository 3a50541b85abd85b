// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the resizable base address capability.</summary>
public static class PciRebar
{
    /// <summary><c>PCI_REBAR_CAP</c>: sizes there can be.</summary>
    [CName("PCI_REBAR_CAP")]
    public const int Capabilities = 4;

    /// <summary><c>PCI_REBAR_CAP_SIZES</c>: the sizes proper.</summary>
    [CName("PCI_REBAR_CAP_SIZES")]
    [SinceLinux("6.19")]
    public const uint CapSizes = 0xFFFFFFF0;

    /// <summary><c>PCI_REBAR_CTRL</c>: control.</summary>
    [CName("PCI_REBAR_CTRL")]
    public const int Control = 8;

    /// <summary><c>PCI_REBAR_CTRL_BAR_IDX</c>: which base address register.</summary>
    [CName("PCI_REBAR_CTRL_BAR_IDX")]
    public const int CtrlBarIdx = 0x07;

    /// <summary><c>PCI_REBAR_CTRL_NBAR_MASK</c>: how many of them.</summary>
    [CName("PCI_REBAR_CTRL_NBAR_MASK")]
    public const int CtrlNbarMask = 0xE0;

    /// <summary><c>PCI_REBAR_CTRL_NBAR_SHIFT</c>: where that number begins.</summary>
    [CName("PCI_REBAR_CTRL_NBAR_SHIFT")]
    public const int CtrlNbarShift = 5;

    /// <summary><c>PCI_REBAR_CTRL_BAR_SIZE</c>: size in use.</summary>
    [CName("PCI_REBAR_CTRL_BAR_SIZE")]
    public const int CtrlBarSize = 0x1F00;

    /// <summary><c>PCI_REBAR_CTRL_BAR_SHIFT</c>: where that size begins.</summary>
    [CName("PCI_REBAR_CTRL_BAR_SHIFT")]
    public const int CtrlBarShift = 8;
}
