// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Interrupt indexes of vfio-ap.</summary>
public static class VfioApIrqIndex
{
    /// <summary><c>VFIO_AP_REQ_IRQ_INDEX</c>: the host wants the device back.</summary>
    [CName("VFIO_AP_REQ_IRQ_INDEX")]
    [SinceLinux("6.5")]
    public const uint Req = 0;

    /// <summary><c>VFIO_AP_CFG_CHG_IRQ_INDEX</c>: the guest's AP configuration changed.</summary>
    [CName("VFIO_AP_CFG_CHG_IRQ_INDEX")]
    [SinceLinux("6.14")]
    public const uint CfgChg = 1;

    /// <summary><c>VFIO_AP_NUM_IRQS</c>: number of indexes.</summary>
    [CName("VFIO_AP_NUM_IRQS")]
    [SinceLinux("6.5")]
    public const uint Count = 2;
}
