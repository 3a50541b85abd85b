// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the advanced error reporting capability.</summary>
public static class PciErr
{
    /// <summary><c>PCI_ERR_UNCOR_STATUS</c>: uncorrectable errors seen, <see cref="PciErrUncorrectable"/>.</summary>
    [CName("PCI_ERR_UNCOR_STATUS")]
    public const int UncorStatus = 0x04;

    /// <summary><c>PCI_ERR_UNCOR_MASK</c>: uncorrectable errors not reported.</summary>
    [CName("PCI_ERR_UNCOR_MASK")]
    public const int UncorMask = 0x08;

    /// <summary><c>PCI_ERR_UNCOR_SEVER</c>: uncorrectable errors that are fatal.</summary>
    [CName("PCI_ERR_UNCOR_SEVER")]
    public const int UncorSever = 0x0C;

    /// <summary><c>PCI_ERR_COR_STATUS</c>: correctable errors seen, <see cref="PciErrCorrectable"/>.</summary>
    [CName("PCI_ERR_COR_STATUS")]
    public const int CorStatus = 0x10;

    /// <summary><c>PCI_ERR_COR_MASK</c>: correctable errors not reported.</summary>
    [CName("PCI_ERR_COR_MASK")]
    public const int CorMask = 0x14;

    /// <summary><c>PCI_ERR_CAP</c>: capabilities and control.</summary>
    [CName("PCI_ERR_CAP")]
    public const int Capabilities = 0x18;

    /// <summary><c>PCI_ERR_CAP_ECRC_GENC</c>: end-to-end checks can be generated.</summary>
    [CName("PCI_ERR_CAP_ECRC_GENC")]
    public const int CapEcrcGenc = 0x20;

    /// <summary><c>PCI_ERR_CAP_ECRC_GENE</c>: end-to-end checks are generated.</summary>
    [CName("PCI_ERR_CAP_ECRC_GENE")]
    public const int CapEcrcGene = 0x40;

    /// <summary><c>PCI_ERR_CAP_ECRC_CHKC</c>: end-to-end checks can be checked.</summary>
    [CName("PCI_ERR_CAP_ECRC_CHKC")]
    public const int CapEcrcChkc = 0x80;

    /// <summary><c>PCI_ERR_CAP_ECRC_CHKE</c>: end-to-end checks are checked.</summary>
    [CName("PCI_ERR_CAP_ECRC_CHKE")]
    public const int CapEcrcChke = 0x0100;

    /// <summary><c>PCI_ERR_HEADER_LOG</c>: header of the first error, 16 bytes.</summary>
    [CName("PCI_ERR_HEADER_LOG")]
    public const int HeaderLog = 0x1C;

    /// <summary><c>PCI_ERR_ROOT_COMMAND</c>: root: which errors interrupt.</summary>
    [CName("PCI_ERR_ROOT_COMMAND")]
    public const int RootCommand = 0x2C;

    /// <summary><c>PCI_ERR_ROOT_STATUS</c>: root: errors received.</summary>
    [CName("PCI_ERR_ROOT_STATUS")]
    public const int RootStatus = 0x30;

    /// <summary><c>PCI_ERR_ROOT_ERR_SRC</c>: root: who sent them.</summary>
    [CName("PCI_ERR_ROOT_ERR_SRC")]
    public const int RootErrSrc = 0x34;
}
