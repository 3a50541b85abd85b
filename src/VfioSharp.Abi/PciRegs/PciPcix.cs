// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the PCI-X capability of a device.</summary>
public static class PciPcix
{
    /// <summary><c>PCI_X_CMD</c>: command, 16 bits.</summary>
    [CName("PCI_X_CMD")]
    public const int Command = 2;

    /// <summary><c>PCI_X_CMD_DPERR_E</c>: recovers from data parity errors.</summary>
    [CName("PCI_X_CMD_DPERR_E")]
    public const int CommandParityRecovery = 0x01;

    /// <summary><c>PCI_X_CMD_ERO</c>: relaxed ordering.</summary>
    [CName("PCI_X_CMD_ERO")]
    public const int CommandRelaxedOrdering = 0x02;

    /// <summary><c>PCI_X_CMD_MAX_READ</c>: longest read.</summary>
    [CName("PCI_X_CMD_MAX_READ")]
    public const int CommandMaxRead = 0x0C;

    /// <summary><c>PCI_X_CMD_MAX_SPLIT</c>: most split transactions.</summary>
    [CName("PCI_X_CMD_MAX_SPLIT")]
    public const int CommandMaxSplit = 0x70;

    /// <summary><c>PCI_X_STATUS</c>: status, 32 bits.</summary>
    [CName("PCI_X_STATUS")]
    public const int Status = 4;

    /// <summary><c>PCI_X_STATUS_DEVFN</c>: own device and function.</summary>
    [CName("PCI_X_STATUS_DEVFN")]
    public const int StatusDevfn = 0xFF;

    /// <summary><c>PCI_X_STATUS_BUS</c>: own bus.</summary>
    [CName("PCI_X_STATUS_BUS")]
    public const int StatusBus = 0xFF00;

    /// <summary><c>PCI_X_STATUS_64BIT</c>: 64-bit device.</summary>
    [CName("PCI_X_STATUS_64BIT")]
    public const int Status64Bit = 0x010000;

    /// <summary><c>PCI_X_STATUS_133MHZ</c>: 133 MHz.</summary>
    [CName("PCI_X_STATUS_133MHZ")]
    public const int Status133Mhz = 0x020000;

    /// <summary><c>PCI_X_STATUS_SPL_DISC</c>: split completion discarded.</summary>
    [CName("PCI_X_STATUS_SPL_DISC")]
    public const int StatusSplitDiscarded = 0x040000;

    /// <summary><c>PCI_X_STATUS_UNX_SPL</c>: unexpected split completion.</summary>
    [CName("PCI_X_STATUS_UNX_SPL")]
    public const int StatusUnexpectedSplit = 0x080000;

    /// <summary><c>PCI_X_STATUS_SPL_ERR</c>: split completion error.</summary>
    [CName("PCI_X_STATUS_SPL_ERR")]
    public const int StatusSplitError = 0x20000000;

    /// <summary><c>PCI_X_ECC_CSR</c>: error correction control.</summary>
    [CName("PCI_X_ECC_CSR")]
    public const int EccControl = 8;

    /// <summary><c>PCI_CAP_PCIX_SIZEOF_V0</c>: bytes without error correction.</summary>
    [CName("PCI_CAP_PCIX_SIZEOF_V0")]
    public const int SizeofV0 = 8;

    /// <summary><c>PCI_CAP_PCIX_SIZEOF_V1</c>: bytes of version 1.</summary>
    [CName("PCI_CAP_PCIX_SIZEOF_V1")]
    public const int SizeofV1 = 24;

    /// <summary><c>PCI_CAP_PCIX_SIZEOF_V2</c>: bytes of version 2.</summary>
    [CName("PCI_CAP_PCIX_SIZEOF_V2")]
    public const int SizeofV2 = 24;
}
