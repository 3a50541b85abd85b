// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the status register.</summary>
public static class PciStatus
{
    /// <summary><c>PCI_STATUS_IMM_READY</c>: ready at once after a reset.</summary>
    [CName("PCI_STATUS_IMM_READY")]
    public const int ImmReady = 0x01;

    /// <summary><c>PCI_STATUS_INTERRUPT</c>: line interrupt pending.</summary>
    [CName("PCI_STATUS_INTERRUPT")]
    public const int Interrupt = 0x08;

    /// <summary><c>PCI_STATUS_CAP_LIST</c>: there is a capability list.</summary>
    [CName("PCI_STATUS_CAP_LIST")]
    public const int CapList = 0x10;

    /// <summary><c>PCI_STATUS_66MHZ</c>: 66 MHz.</summary>
    [CName("PCI_STATUS_66MHZ")]
    public const int Mhz66 = 0x20;

    /// <summary><c>PCI_STATUS_UDF</c>: user definable features, withdrawn.</summary>
    [CName("PCI_STATUS_UDF")]
    public const int Udf = 0x40;

    /// <summary><c>PCI_STATUS_FAST_BACK</c>: fast back-to-back accepted.</summary>
    [CName("PCI_STATUS_FAST_BACK")]
    public const int FastBack = 0x80;

    /// <summary><c>PCI_STATUS_PARITY</c>: parity error seen while master.</summary>
    [CName("PCI_STATUS_PARITY")]
    public const int Parity = 0x0100;

    /// <summary><c>PCI_STATUS_DEVSEL_MASK</c>: selection timing.</summary>
    [CName("PCI_STATUS_DEVSEL_MASK")]
    public const int DevselMask = 0x0600;

    /// <summary><c>PCI_STATUS_DEVSEL_FAST</c>: selection timing fast.</summary>
    [CName("PCI_STATUS_DEVSEL_FAST")]
    public const int DevselFast = 0x00;

    /// <summary><c>PCI_STATUS_DEVSEL_MEDIUM</c>: selection timing medium.</summary>
    [CName("PCI_STATUS_DEVSEL_MEDIUM")]
    public const int DevselMedium = 0x0200;

    /// <summary><c>PCI_STATUS_DEVSEL_SLOW</c>: selection timing slow.</summary>
    [CName("PCI_STATUS_DEVSEL_SLOW")]
    public const int DevselSlow = 0x0400;

    /// <summary><c>PCI_STATUS_SIG_TARGET_ABORT</c>: aborted as target.</summary>
    [CName("PCI_STATUS_SIG_TARGET_ABORT")]
    public const int SigTargetAbort = 0x0800;

    /// <summary><c>PCI_STATUS_REC_TARGET_ABORT</c>: the target aborted.</summary>
    [CName("PCI_STATUS_REC_TARGET_ABORT")]
    public const int RecTargetAbort = 0x1000;

    /// <summary><c>PCI_STATUS_REC_MASTER_ABORT</c>: nobody answered.</summary>
    [CName("PCI_STATUS_REC_MASTER_ABORT")]
    public const int RecMasterAbort = 0x2000;

    /// <summary><c>PCI_STATUS_SIG_SYSTEM_ERROR</c>: signalled a system error.</summary>
    [CName("PCI_STATUS_SIG_SYSTEM_ERROR")]
    public const int SigSystemError = 0x4000;

    /// <summary><c>PCI_STATUS_DETECTED_PARITY</c>: saw a parity error.</summary>
    [CName("PCI_STATUS_DETECTED_PARITY")]
    public const int DetectedParity = 0x8000;
}
