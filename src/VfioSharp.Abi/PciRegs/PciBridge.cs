// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets in the header of type 1.</summary>
public static class PciBridge
{
    /// <summary><c>PCI_PRIMARY_BUS</c>: bus above.</summary>
    [CName("PCI_PRIMARY_BUS")]
    public const int PrimaryBus = 0x18;

    /// <summary><c>PCI_SECONDARY_BUS</c>: bus below.</summary>
    [CName("PCI_SECONDARY_BUS")]
    public const int SecondaryBus = 0x19;

    /// <summary><c>PCI_SUBORDINATE_BUS</c>: highest bus below.</summary>
    [CName("PCI_SUBORDINATE_BUS")]
    public const int SubordinateBus = 0x1A;

    /// <summary><c>PCI_SEC_LATENCY_TIMER</c>: latency timer below.</summary>
    [CName("PCI_SEC_LATENCY_TIMER")]
    public const int SecLatencyTimer = 0x1B;

    /// <summary><c>PCI_IO_BASE</c>: first port forwarded.</summary>
    [CName("PCI_IO_BASE")]
    public const int IoBase = 0x1C;

    /// <summary><c>PCI_IO_LIMIT</c>: last port forwarded.</summary>
    [CName("PCI_IO_LIMIT")]
    public const int IoLimit = 0x1D;

    /// <summary><c>PCI_SEC_STATUS</c>: status of the bus below, 16 bits.</summary>
    [CName("PCI_SEC_STATUS")]
    public const int SecStatus = 0x1E;

    /// <summary><c>PCI_MEMORY_BASE</c>: first memory forwarded, 16 bits.</summary>
    [CName("PCI_MEMORY_BASE")]
    public const int MemoryBase = 0x20;

    /// <summary><c>PCI_MEMORY_LIMIT</c>: last memory forwarded, 16 bits.</summary>
    [CName("PCI_MEMORY_LIMIT")]
    public const int MemoryLimit = 0x22;

    /// <summary><c>PCI_PREF_MEMORY_BASE</c>: first prefetchable memory forwarded, 16 bits.</summary>
    [CName("PCI_PREF_MEMORY_BASE")]
    public const int PrefMemoryBase = 0x24;

    /// <summary><c>PCI_PREF_MEMORY_LIMIT</c>: last prefetchable memory forwarded, 16 bits.</summary>
    [CName("PCI_PREF_MEMORY_LIMIT")]
    public const int PrefMemoryLimit = 0x26;

    /// <summary><c>PCI_PREF_BASE_UPPER32</c>: upper half of its first address.</summary>
    [CName("PCI_PREF_BASE_UPPER32")]
    public const int PrefBaseUpper32 = 0x28;

    /// <summary><c>PCI_PREF_LIMIT_UPPER32</c>: upper half of its last address.</summary>
    [CName("PCI_PREF_LIMIT_UPPER32")]
    public const int PrefLimitUpper32 = 0x2C;

    /// <summary><c>PCI_IO_BASE_UPPER16</c>: upper half of the first port.</summary>
    [CName("PCI_IO_BASE_UPPER16")]
    public const int IoBaseUpper16 = 0x30;

    /// <summary><c>PCI_IO_LIMIT_UPPER16</c>: upper half of the last port.</summary>
    [CName("PCI_IO_LIMIT_UPPER16")]
    public const int IoLimitUpper16 = 0x32;

    /// <summary><c>PCI_ROM_ADDRESS1</c>: expansion ROM of a bridge.</summary>
    [CName("PCI_ROM_ADDRESS1")]
    public const int RomAddress = 0x38;

    /// <summary><c>PCI_BRIDGE_CONTROL</c>: control of the bus below, 16 bits, <see cref="PciBridgeControl"/>.</summary>
    [CName("PCI_BRIDGE_CONTROL")]
    public const int BridgeControl = 0x3E;
}
