// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets and bits of the MSI capability.</summary>
public static class PciMsi
{
    /// <summary><c>PCI_MSI_FLAGS</c>: message control, 16 bits.</summary>
    [CName("PCI_MSI_FLAGS")]
    public const int Flags = 0x02;

    /// <summary><c>PCI_MSI_FLAGS_ENABLE</c>: MSI on.</summary>
    [CName("PCI_MSI_FLAGS_ENABLE")]
    public const int FlagsEnable = 0x01;

    /// <summary><c>PCI_MSI_FLAGS_QMASK</c>: binary logarithm of the vectors there can be.</summary>
    [CName("PCI_MSI_FLAGS_QMASK")]
    public const int FlagsQmask = 0x0E;

    /// <summary><c>PCI_MSI_FLAGS_QSIZE</c>: binary logarithm of the vectors in use.</summary>
    [CName("PCI_MSI_FLAGS_QSIZE")]
    public const int FlagsQsize = 0x70;

    /// <summary><c>PCI_MSI_FLAGS_64BIT</c>: 64-bit address.</summary>
    [CName("PCI_MSI_FLAGS_64BIT")]
    public const int Flags64Bit = 0x80;

    /// <summary><c>PCI_MSI_FLAGS_MASKBIT</c>: a mask bit for each vector.</summary>
    [CName("PCI_MSI_FLAGS_MASKBIT")]
    public const int FlagsMaskbit = 0x0100;

    /// <summary><c>PCI_MSI_RFU</c>: rest of the flags.</summary>
    [CName("PCI_MSI_RFU")]
    public const int Rfu = 3;

    /// <summary><c>PCI_MSI_ADDRESS_LO</c>: lower half of the address.</summary>
    [CName("PCI_MSI_ADDRESS_LO")]
    public const int AddressLo = 0x04;

    /// <summary><c>PCI_MSI_ADDRESS_HI</c>: upper half of the address, when it has 64 bits.</summary>
    [CName("PCI_MSI_ADDRESS_HI")]
    public const int AddressHi = 0x08;

    /// <summary><c>PCI_MSI_DATA_32</c>: data behind a 32-bit address.</summary>
    [CName("PCI_MSI_DATA_32")]
    public const int Data32 = 0x08;

    /// <summary><c>PCI_MSI_MASK_32</c>: mask bits behind a 32-bit address.</summary>
    [CName("PCI_MSI_MASK_32")]
    public const int Mask32 = 0x0C;

    /// <summary><c>PCI_MSI_PENDING_32</c>: pending bits behind a 32-bit address.</summary>
    [CName("PCI_MSI_PENDING_32")]
    public const int Pending32 = 0x10;

    /// <summary><c>PCI_MSI_DATA_64</c>: data behind a 64-bit address.</summary>
    [CName("PCI_MSI_DATA_64")]
    public const int Data64 = 0x0C;

    /// <summary><c>PCI_MSI_MASK_64</c>: mask bits behind a 64-bit address.</summary>
    [CName("PCI_MSI_MASK_64")]
    public const int Mask64 = 0x10;

    /// <summary><c>PCI_MSI_PENDING_64</c>: pending bits behind a 64-bit address.</summary>
    [CName("PCI_MSI_PENDING_64")]
    public const int Pending64 = 0x14;
}
