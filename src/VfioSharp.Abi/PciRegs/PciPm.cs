// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the power management capability.</summary>
public static class PciPm
{
    /// <summary><c>PCI_PM_PMC</c>: capabilities, 16 bits.</summary>
    [CName("PCI_PM_PMC")]
    public const int Capabilities = 2;

    /// <summary><c>PCI_PM_CAP_VER_MASK</c>: version.</summary>
    [CName("PCI_PM_CAP_VER_MASK")]
    public const int CapVerMask = 0x07;

    /// <summary><c>PCI_PM_CAP_PME_CLOCK</c>: needs the clock for PME.</summary>
    [CName("PCI_PM_CAP_PME_CLOCK")]
    public const int CapPmeClock = 0x08;

    /// <summary><c>PCI_PM_CAP_DSI</c>: needs initialization.</summary>
    [CName("PCI_PM_CAP_DSI")]
    public const int CapDsi = 0x20;

    /// <summary><c>PCI_PM_CAP_AUX_POWER</c>: auxiliary current.</summary>
    [CName("PCI_PM_CAP_AUX_POWER")]
    public const int CapAuxPower = 0x01C0;

    /// <summary><c>PCI_PM_CAP_D1</c>: has D1.</summary>
    [CName("PCI_PM_CAP_D1")]
    public const int CapD1 = 0x0200;

    /// <summary><c>PCI_PM_CAP_D2</c>: has D2.</summary>
    [CName("PCI_PM_CAP_D2")]
    public const int CapD2 = 0x0400;

    /// <summary><c>PCI_PM_CAP_PME_MASK</c>: states that can signal PME.</summary>
    [CName("PCI_PM_CAP_PME_MASK")]
    public const int CapPmeMask = 0xF800;

    /// <summary><c>PCI_PM_CAP_PME_D0</c>: PME from D0.</summary>
    [CName("PCI_PM_CAP_PME_D0")]
    public const int CapPmeD0 = 0x0800;

    /// <summary><c>PCI_PM_CAP_PME_D1</c>: PME from D1.</summary>
    [CName("PCI_PM_CAP_PME_D1")]
    public const int CapPmeD1 = 0x1000;

    /// <summary><c>PCI_PM_CAP_PME_D2</c>: PME from D2.</summary>
    [CName("PCI_PM_CAP_PME_D2")]
    public const int CapPmeD2 = 0x2000;

    /// <summary><c>PCI_PM_CAP_PME_D3hot</c>: PME from D3hot.</summary>
    [CName("PCI_PM_CAP_PME_D3hot")]
    public const int CapPmeD3Hot = 0x4000;

    /// <summary><c>PCI_PM_CAP_PME_D3cold</c>: PME from D3cold.</summary>
    [CName("PCI_PM_CAP_PME_D3cold")]
    public const int CapPmeD3Cold = 0x8000;

    /// <summary><c>PCI_PM_CAP_PME_SHIFT</c>: where those states begin.</summary>
    [CName("PCI_PM_CAP_PME_SHIFT")]
    public const int CapPmeShift = 11;

    /// <summary><c>PCI_PM_CTRL</c>: control and status, 16 bits.</summary>
    [CName("PCI_PM_CTRL")]
    public const int Ctrl = 4;

    /// <summary><c>PCI_PM_CTRL_STATE_MASK</c>: power state D0 to D3hot.</summary>
    [CName("PCI_PM_CTRL_STATE_MASK")]
    public const int CtrlStateMask = 0x03;

    /// <summary><c>PCI_PM_CTRL_NO_SOFT_RESET</c>: D3hot to D0 does not reset.</summary>
    [CName("PCI_PM_CTRL_NO_SOFT_RESET")]
    public const int CtrlNoSoftReset = 0x08;

    /// <summary><c>PCI_PM_CTRL_PME_ENABLE</c>: PME on.</summary>
    [CName("PCI_PM_CTRL_PME_ENABLE")]
    public const int CtrlPmeEnable = 0x0100;

    /// <summary><c>PCI_PM_CTRL_DATA_SEL_MASK</c>: selects the data.</summary>
    [CName("PCI_PM_CTRL_DATA_SEL_MASK")]
    public const int CtrlDataSelMask = 0x1E00;

    /// <summary><c>PCI_PM_CTRL_DATA_SCALE_MASK</c>: scale of the data.</summary>
    [CName("PCI_PM_CTRL_DATA_SCALE_MASK")]
    public const int CtrlDataScaleMask = 0x6000;

    /// <summary><c>PCI_PM_CTRL_PME_STATUS</c>: PME signalled, write 1 to clear.</summary>
    [CName("PCI_PM_CTRL_PME_STATUS")]
    public const int CtrlPmeStatus = 0x8000;

    /// <summary><c>PCI_PM_PPB_EXTENSIONS</c>: bridge extensions.</summary>
    [CName("PCI_PM_PPB_EXTENSIONS")]
    public const int PpbExtensions = 6;

    /// <summary><c>PCI_PM_DATA_REGISTER</c>: data.</summary>
    [CName("PCI_PM_DATA_REGISTER")]
    public const int DataRegister = 7;

    /// <summary><c>PCI_PM_SIZEOF</c>: bytes of the capability.</summary>
    [CName("PCI_PM_SIZEOF")]
    public const int Sizeof = 8;
}
