// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the SR-IOV capability.</summary>
public static class PciSriov
{
    /// <summary><c>PCI_SRIOV_CAP</c>: capabilities, 32 bits.</summary>
    [CName("PCI_SRIOV_CAP")]
    public const int Capabilities = 0x04;

    /// <summary><c>PCI_SRIOV_CAP_VFM</c>: virtual functions can migrate.</summary>
    [CName("PCI_SRIOV_CAP_VFM")]
    public const int CapVfm = 0x01;

    /// <summary><c>PCI_SRIOV_CTRL</c>: control, 16 bits.</summary>
    [CName("PCI_SRIOV_CTRL")]
    public const int Control = 0x08;

    /// <summary><c>PCI_SRIOV_CTRL_VFE</c>: virtual functions on.</summary>
    [CName("PCI_SRIOV_CTRL_VFE")]
    public const int ControlVfEnable = 0x01;

    /// <summary><c>PCI_SRIOV_CTRL_VFM</c>: migration on.</summary>
    [CName("PCI_SRIOV_CTRL_VFM")]
    public const int ControlMigration = 0x02;

    /// <summary><c>PCI_SRIOV_CTRL_INTR</c>: migration interrupt on.</summary>
    [CName("PCI_SRIOV_CTRL_INTR")]
    public const int ControlMigrationInterrupt = 0x04;

    /// <summary><c>PCI_SRIOV_CTRL_MSE</c>: virtual functions answer to memory.</summary>
    [CName("PCI_SRIOV_CTRL_MSE")]
    public const int ControlMemory = 0x08;

    /// <summary><c>PCI_SRIOV_CTRL_ARI</c>: alternative routing in the hierarchy.</summary>
    [CName("PCI_SRIOV_CTRL_ARI")]
    public const int ControlAri = 0x10;

    /// <summary><c>PCI_SRIOV_STATUS</c>: status, 16 bits.</summary>
    [CName("PCI_SRIOV_STATUS")]
    public const int Status = 0x0A;

    /// <summary><c>PCI_SRIOV_STATUS_VFM</c>: migration asked for.</summary>
    [CName("PCI_SRIOV_STATUS_VFM")]
    public const int StatusMigration = 0x01;

    /// <summary><c>PCI_SRIOV_INITIAL_VF</c>: virtual functions at first, 16 bits.</summary>
    [CName("PCI_SRIOV_INITIAL_VF")]
    public const int InitialVf = 0x0C;

    /// <summary><c>PCI_SRIOV_TOTAL_VF</c>: virtual functions there can be, 16 bits.</summary>
    [CName("PCI_SRIOV_TOTAL_VF")]
    public const int TotalVf = 0x0E;

    /// <summary><c>PCI_SRIOV_NUM_VF</c>: virtual functions there are, 16 bits.</summary>
    [CName("PCI_SRIOV_NUM_VF")]
    public const int NumVf = 0x10;

    /// <summary><c>PCI_SRIOV_FUNC_LINK</c>: function that this depends on.</summary>
    [CName("PCI_SRIOV_FUNC_LINK")]
    public const int FuncLink = 0x12;

    /// <summary><c>PCI_SRIOV_VF_OFFSET</c>: distance to the first virtual function, 16 bits.</summary>
    [CName("PCI_SRIOV_VF_OFFSET")]
    public const int VfOffset = 0x14;

    /// <summary><c>PCI_SRIOV_VF_STRIDE</c>: distance between them, 16 bits.</summary>
    [CName("PCI_SRIOV_VF_STRIDE")]
    public const int VfStride = 0x16;

    /// <summary><c>PCI_SRIOV_VF_DID</c>: their device number, 16 bits.</summary>
    [CName("PCI_SRIOV_VF_DID")]
    public const int VfDid = 0x1A;

    /// <summary><c>PCI_SRIOV_SUP_PGSIZE</c>: page sizes there can be.</summary>
    [CName("PCI_SRIOV_SUP_PGSIZE")]
    public const int SupPgsize = 0x1C;

    /// <summary><c>PCI_SRIOV_SYS_PGSIZE</c>: page size in use.</summary>
    [CName("PCI_SRIOV_SYS_PGSIZE")]
    public const int SysPgsize = 0x20;

    /// <summary><c>PCI_SRIOV_BAR</c>: their first base address register.</summary>
    [CName("PCI_SRIOV_BAR")]
    public const int Bar = 0x24;

    /// <summary><c>PCI_SRIOV_NUM_BARS</c>: number of these.</summary>
    [CName("PCI_SRIOV_NUM_BARS")]
    public const int NumBars = 6;

    /// <summary><c>PCI_SRIOV_VFM</c>: migration state array.</summary>
    [CName("PCI_SRIOV_VFM")]
    public const int Vfm = 0x3C;
}
