// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Bits of a base address register.</summary>
public static class PciBaseAddress
{
    /// <summary><c>PCI_BASE_ADDRESS_SPACE</c>: the bit that tells ports from memory.</summary>
    [CName("PCI_BASE_ADDRESS_SPACE")]
    public const int Space = 0x01;

    /// <summary><c>PCI_BASE_ADDRESS_SPACE_IO</c>: ports.</summary>
    [CName("PCI_BASE_ADDRESS_SPACE_IO")]
    public const int SpaceIo = 0x01;

    /// <summary><c>PCI_BASE_ADDRESS_SPACE_MEMORY</c>: memory.</summary>
    [CName("PCI_BASE_ADDRESS_SPACE_MEMORY")]
    public const int SpaceMemory = 0x00;

    /// <summary><c>PCI_BASE_ADDRESS_MEM_TYPE_MASK</c>: width of a memory register.</summary>
    [CName("PCI_BASE_ADDRESS_MEM_TYPE_MASK")]
    public const int MemTypeMask = 0x06;

    /// <summary><c>PCI_BASE_ADDRESS_MEM_TYPE_32</c>: 32 bits.</summary>
    [CName("PCI_BASE_ADDRESS_MEM_TYPE_32")]
    public const int MemType32 = 0x00;

    /// <summary><c>PCI_BASE_ADDRESS_MEM_TYPE_1M</c>: below 1 MiB, obsolete.</summary>
    [CName("PCI_BASE_ADDRESS_MEM_TYPE_1M")]
    public const int MemType1m = 0x02;

    /// <summary><c>PCI_BASE_ADDRESS_MEM_TYPE_64</c>: 64 bits, the next register is the upper half.</summary>
    [CName("PCI_BASE_ADDRESS_MEM_TYPE_64")]
    public const int MemType64 = 0x04;

    /// <summary><c>PCI_BASE_ADDRESS_MEM_PREFETCH</c>: prefetchable.</summary>
    [CName("PCI_BASE_ADDRESS_MEM_PREFETCH")]
    public const int MemPrefetch = 0x08;

    /// <summary><c>PCI_BASE_ADDRESS_MEM_MASK</c>: address of a memory register, lower half.</summary>
    [CName("PCI_BASE_ADDRESS_MEM_MASK")]
    public const uint MemMask = 0xFFFFFFF0;

    /// <summary><c>PCI_BASE_ADDRESS_IO_MASK</c>: address of a port register.</summary>
    [CName("PCI_BASE_ADDRESS_IO_MASK")]
    public const uint IoMask = 0xFFFFFFFC;
}
