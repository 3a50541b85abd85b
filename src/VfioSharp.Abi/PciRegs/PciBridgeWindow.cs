// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of the base and limit registers of a bridge.</summary>
public static class PciBridgeWindow
{
    /// <summary><c>PCI_IO_RANGE_TYPE_MASK</c>: port width.</summary>
    [CName("PCI_IO_RANGE_TYPE_MASK")]
    public const int IoRangeTypeMask = 0x0F;

    /// <summary><c>PCI_IO_RANGE_TYPE_16</c>: 16-bit ports.</summary>
    [CName("PCI_IO_RANGE_TYPE_16")]
    public const int IoRangeType16 = 0x00;

    /// <summary><c>PCI_IO_RANGE_TYPE_32</c>: 32-bit ports.</summary>
    [CName("PCI_IO_RANGE_TYPE_32")]
    public const int IoRangeType32 = 0x01;

    /// <summary><c>PCI_IO_RANGE_MASK</c>: port address.</summary>
    [CName("PCI_IO_RANGE_MASK")]
    public const uint IoRangeMask = 0xFFFFFFF0;

    /// <summary><c>PCI_MEMORY_RANGE_TYPE_MASK</c>: reserved bits of a memory window.</summary>
    [CName("PCI_MEMORY_RANGE_TYPE_MASK")]
    public const int MemoryRangeTypeMask = 0x0F;

    /// <summary><c>PCI_MEMORY_RANGE_MASK</c>: address of a memory window.</summary>
    [CName("PCI_MEMORY_RANGE_MASK")]
    public const uint MemoryRangeMask = 0xFFFFFFF0;

    /// <summary><c>PCI_PREF_RANGE_TYPE_MASK</c>: width of the prefetchable window.</summary>
    [CName("PCI_PREF_RANGE_TYPE_MASK")]
    public const int PrefRangeTypeMask = 0x0F;

    /// <summary><c>PCI_PREF_RANGE_TYPE_32</c>: 32 bits.</summary>
    [CName("PCI_PREF_RANGE_TYPE_32")]
    public const int PrefRangeType32 = 0x00;

    /// <summary><c>PCI_PREF_RANGE_TYPE_64</c>: 64 bits.</summary>
    [CName("PCI_PREF_RANGE_TYPE_64")]
    public const int PrefRangeType64 = 0x01;

    /// <summary><c>PCI_PREF_RANGE_MASK</c>: address of the prefetchable window.</summary>
    [CName("PCI_PREF_RANGE_MASK")]
    public const uint PrefRangeMask = 0xFFFFFFF0;
}
