// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the uncorrectable error registers.</summary>
public static class PciErrUncorrectable
{
    /// <summary><c>PCI_ERR_UNC_UND</c>: undefined.</summary>
    [CName("PCI_ERR_UNC_UND")]
    public const int Und = 0x01;

    /// <summary><c>PCI_ERR_UNC_DLP</c>: data link protocol.</summary>
    [CName("PCI_ERR_UNC_DLP")]
    public const int Dlp = 0x10;

    /// <summary><c>PCI_ERR_UNC_SURPDN</c>: surprise down.</summary>
    [CName("PCI_ERR_UNC_SURPDN")]
    public const int Surpdn = 0x20;

    /// <summary><c>PCI_ERR_UNC_POISON_TLP</c>: poisoned packet.</summary>
    [CName("PCI_ERR_UNC_POISON_TLP")]
    public const int PoisonTlp = 0x1000;

    /// <summary><c>PCI_ERR_UNC_FCP</c>: flow control protocol.</summary>
    [CName("PCI_ERR_UNC_FCP")]
    public const int Fcp = 0x2000;

    /// <summary><c>PCI_ERR_UNC_COMP_TIME</c>: completion timeout.</summary>
    [CName("PCI_ERR_UNC_COMP_TIME")]
    public const int CompTime = 0x4000;

    /// <summary><c>PCI_ERR_UNC_COMP_ABORT</c>: completer abort.</summary>
    [CName("PCI_ERR_UNC_COMP_ABORT")]
    public const int CompAbort = 0x8000;

    /// <summary><c>PCI_ERR_UNC_UNX_COMP</c>: unexpected completion.</summary>
    [CName("PCI_ERR_UNC_UNX_COMP")]
    public const int UnxComp = 0x010000;

    /// <summary><c>PCI_ERR_UNC_RX_OVER</c>: receiver overflow.</summary>
    [CName("PCI_ERR_UNC_RX_OVER")]
    public const int RxOver = 0x020000;

    /// <summary><c>PCI_ERR_UNC_MALF_TLP</c>: malformed packet.</summary>
    [CName("PCI_ERR_UNC_MALF_TLP")]
    public const int MalfTlp = 0x040000;

    /// <summary><c>PCI_ERR_UNC_ECRC</c>: end-to-end check.</summary>
    [CName("PCI_ERR_UNC_ECRC")]
    public const int Ecrc = 0x080000;

    /// <summary><c>PCI_ERR_UNC_UNSUP</c>: unsupported request.</summary>
    [CName("PCI_ERR_UNC_UNSUP")]
    public const int Unsup = 0x100000;

    /// <summary><c>PCI_ERR_UNC_ACSV</c>: access control violation.</summary>
    [CName("PCI_ERR_UNC_ACSV")]
    public const int Acsv = 0x200000;

    /// <summary><c>PCI_ERR_UNC_INTN</c>: internal.</summary>
    [CName("PCI_ERR_UNC_INTN")]
    public const int Intn = 0x400000;

    /// <summary><c>PCI_ERR_UNC_MCBTLP</c>: multicast blocked.</summary>
    [CName("PCI_ERR_UNC_MCBTLP")]
    public const int Mcbtlp = 0x800000;

    /// <summary><c>PCI_ERR_UNC_ATOMEG</c>: AtomicOp egress blocked.</summary>
    [CName("PCI_ERR_UNC_ATOMEG")]
    public const int Atomeg = 0x01000000;

    /// <summary><c>PCI_ERR_UNC_TLPPRE</c>: prefix blocked.</summary>
    [CName("PCI_ERR_UNC_TLPPRE")]
    public const int Tlppre = 0x02000000;
}
