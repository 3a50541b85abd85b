// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the process address space capability.</summary>
public static class PciPasid
{
    /// <summary><c>PCI_PASID_CAP</c>: capabilities, 16 bits.</summary>
    [CName("PCI_PASID_CAP")]
    public const int Capabilities = 0x04;

    /// <summary><c>PCI_PASID_CAP_EXEC</c>: execute permission.</summary>
    [CName("PCI_PASID_CAP_EXEC")]
    public const int CapExec = 0x02;

    /// <summary><c>PCI_PASID_CAP_PRIV</c>: privileged mode.</summary>
    [CName("PCI_PASID_CAP_PRIV")]
    public const int CapPriv = 0x04;

    /// <summary><c>PCI_PASID_CTRL</c>: control, 16 bits.</summary>
    [CName("PCI_PASID_CTRL")]
    public const int Control = 0x06;

    /// <summary><c>PCI_PASID_CTRL_ENABLE</c>: on.</summary>
    [CName("PCI_PASID_CTRL_ENABLE")]
    public const int ControlEnable = 0x01;
}
