// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Sizes and fields of capabilities that have little more.</summary>
public static class PciShortCapability
{
    /// <summary><c>PCI_AGP_VERSION</c>: AGP: version.</summary>
    [CName("PCI_AGP_VERSION")]
    public const int AgpVersion = 2;

    /// <summary><c>PCI_AGP_STATUS</c>: AGP: status.</summary>
    [CName("PCI_AGP_STATUS")]
    public const int AgpStatus = 4;

    /// <summary><c>PCI_AGP_COMMAND</c>: AGP: command.</summary>
    [CName("PCI_AGP_COMMAND")]
    public const int AgpCommand = 8;

    /// <summary><c>PCI_AGP_SIZEOF</c>: AGP: bytes of the capability.</summary>
    [CName("PCI_AGP_SIZEOF")]
    public const int AgpSizeof = 12;

    /// <summary><c>PCI_SSVID_VENDOR_ID</c>: bridge subsystem: vendor.</summary>
    [CName("PCI_SSVID_VENDOR_ID")]
    public const int SsvidVendorId = 4;

    /// <summary><c>PCI_SSVID_DEVICE_ID</c>: bridge subsystem: device.</summary>
    [CName("PCI_SSVID_DEVICE_ID")]
    public const int SsvidDeviceId = 6;

    /// <summary><c>PCI_SATA_REGS</c>: SATA: where the registers are.</summary>
    [CName("PCI_SATA_REGS")]
    public const int SataRegs = 4;

    /// <summary><c>PCI_SATA_REGS_MASK</c>: SATA: base address register field.</summary>
    [CName("PCI_SATA_REGS_MASK")]
    public const int SataRegsMask = 0x0F;

    /// <summary><c>PCI_SATA_REGS_INLINE</c>: SATA: they are in configuration space.</summary>
    [CName("PCI_SATA_REGS_INLINE")]
    public const int SataRegsInline = 0x0F;

    /// <summary><c>PCI_SATA_SIZEOF_SHORT</c>: SATA: bytes when they are elsewhere.</summary>
    [CName("PCI_SATA_SIZEOF_SHORT")]
    public const int SataSizeofShort = 8;

    /// <summary><c>PCI_SATA_SIZEOF_LONG</c>: SATA: bytes when they are inside.</summary>
    [CName("PCI_SATA_SIZEOF_LONG")]
    public const int SataSizeofLong = 16;
}
