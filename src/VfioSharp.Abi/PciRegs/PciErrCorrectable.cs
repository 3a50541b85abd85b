// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the correctable error registers.</summary>
public static class PciErrCorrectable
{
    /// <summary><c>PCI_ERR_COR_RCVR</c>: receiver.</summary>
    [CName("PCI_ERR_COR_RCVR")]
    public const int Rcvr = 0x01;

    /// <summary><c>PCI_ERR_COR_BAD_TLP</c>: bad packet.</summary>
    [CName("PCI_ERR_COR_BAD_TLP")]
    public const int BadTlp = 0x40;

    /// <summary><c>PCI_ERR_COR_BAD_DLLP</c>: bad link packet.</summary>
    [CName("PCI_ERR_COR_BAD_DLLP")]
    public const int BadDllp = 0x80;

    /// <summary><c>PCI_ERR_COR_REP_ROLL</c>: replay number rolled over.</summary>
    [CName("PCI_ERR_COR_REP_ROLL")]
    public const int RepRoll = 0x0100;

    /// <summary><c>PCI_ERR_COR_REP_TIMER</c>: replay timer.</summary>
    [CName("PCI_ERR_COR_REP_TIMER")]
    public const int RepTimer = 0x1000;

    /// <summary><c>PCI_ERR_COR_ADV_NFAT</c>: nonfatal error reported as advice.</summary>
    [CName("PCI_ERR_COR_ADV_NFAT")]
    public const int AdvNfat = 0x2000;

    /// <summary><c>PCI_ERR_COR_INTERNAL</c>: internal.</summary>
    [CName("PCI_ERR_COR_INTERNAL")]
    public const int Internal = 0x4000;

    /// <summary><c>PCI_ERR_COR_LOG_OVER</c>: header log overflow.</summary>
    [CName("PCI_ERR_COR_LOG_OVER")]
    public const int LogOver = 0x8000;
}
