// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Kinds and sizes of HyperTransport capabilities.</summary>
public static class PciHyperTransport
{
    /// <summary><c>HT_3BIT_CAP_MASK</c>: where a kind of three bits is.</summary>
    [CName("HT_3BIT_CAP_MASK")]
    public const int ThreeBitMask = 0xE0;

    /// <summary><c>HT_CAPTYPE_SLAVE</c>: slave or primary interface.</summary>
    [CName("HT_CAPTYPE_SLAVE")]
    public const int Slave = 0x00;

    /// <summary><c>HT_CAPTYPE_HOST</c>: host or secondary interface.</summary>
    [CName("HT_CAPTYPE_HOST")]
    public const int Host = 0x20;

    /// <summary><c>HT_5BIT_CAP_MASK</c>: where a kind of five bits is.</summary>
    [CName("HT_5BIT_CAP_MASK")]
    public const int FiveBitMask = 0xF8;

    /// <summary><c>HT_CAPTYPE_IRQ</c>: interrupt discovery.</summary>
    [CName("HT_CAPTYPE_IRQ")]
    public const int Irq = 0x80;

    /// <summary><c>HT_CAPTYPE_MSI_MAPPING</c>: MSI mapping.</summary>
    [CName("HT_CAPTYPE_MSI_MAPPING")]
    public const int MsiMapping = 0xA8;

    /// <summary><c>HT_CAP_SIZEOF_LONG</c>: bytes of a slave interface.</summary>
    [CName("HT_CAP_SIZEOF_LONG")]
    public const int SizeofLong = 28;

    /// <summary><c>HT_CAP_SIZEOF_SHORT</c>: bytes of a host interface.</summary>
    [CName("HT_CAP_SIZEOF_SHORT")]
    public const int SizeofShort = 24;
}
