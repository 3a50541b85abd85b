// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.PciRegs;

/// <summary>Offsets in the header of type 0, and those common to all types.</summary>
public static class PciHeader
{
    /// <summary><c>PCI_VENDOR_ID</c>: vendor, 16 bits.</summary>
    [CName("PCI_VENDOR_ID")]
    public const int VendorId = 0x00;

    /// <summary><c>PCI_DEVICE_ID</c>: device, 16 bits.</summary>
    [CName("PCI_DEVICE_ID")]
    public const int DeviceId = 0x02;

    /// <summary><c>PCI_COMMAND</c>: command, 16 bits, <see cref="PciCommand"/>.</summary>
    [CName("PCI_COMMAND")]
    public const int Command = 0x04;

    /// <summary><c>PCI_STATUS</c>: status, 16 bits, <see cref="PciStatus"/>.</summary>
    [CName("PCI_STATUS")]
    public const int Status = 0x06;

    /// <summary><c>PCI_CLASS_REVISION</c>: class and revision as one 32-bit register.</summary>
    [CName("PCI_CLASS_REVISION")]
    public const int ClassRevision = 0x08;

    /// <summary><c>PCI_REVISION_ID</c>: revision.</summary>
    [CName("PCI_REVISION_ID")]
    public const int RevisionId = 0x08;

    /// <summary><c>PCI_CLASS_PROG</c>: programming interface.</summary>
    [CName("PCI_CLASS_PROG")]
    public const int ClassProg = 0x09;

    /// <summary><c>PCI_CLASS_DEVICE</c>: class and subclass, 16 bits.</summary>
    [CName("PCI_CLASS_DEVICE")]
    public const int ClassDevice = 0x0A;

    /// <summary><c>PCI_CACHE_LINE_SIZE</c>: cache line in 32-bit words.</summary>
    [CName("PCI_CACHE_LINE_SIZE")]
    public const int CacheLineSize = 0x0C;

    /// <summary><c>PCI_LATENCY_TIMER</c>: latency timer.</summary>
    [CName("PCI_LATENCY_TIMER")]
    public const int LatencyTimer = 0x0D;

    /// <summary><c>PCI_HEADER_TYPE</c>: header type, <see cref="PciHeaderType"/>.</summary>
    [CName("PCI_HEADER_TYPE")]
    public const int HeaderType = 0x0E;

    /// <summary><c>PCI_BIST</c>: self test, <see cref="PciBist"/>.</summary>
    [CName("PCI_BIST")]
    public const int Bist = 0x0F;

    /// <summary><c>PCI_BASE_ADDRESS_0</c>: first base address register.</summary>
    [CName("PCI_BASE_ADDRESS_0")]
    public const int BaseAddress0 = 0x10;

    /// <summary><c>PCI_BASE_ADDRESS_1</c>: second.</summary>
    [CName("PCI_BASE_ADDRESS_1")]
    public const int BaseAddress1 = 0x14;

    /// <summary><c>PCI_BASE_ADDRESS_2</c>: third.</summary>
    [CName("PCI_BASE_ADDRESS_2")]
    public const int BaseAddress2 = 0x18;

    /// <summary><c>PCI_BASE_ADDRESS_3</c>: fourth.</summary>
    [CName("PCI_BASE_ADDRESS_3")]
    public const int BaseAddress3 = 0x1C;

    /// <summary><c>PCI_BASE_ADDRESS_4</c>: fifth.</summary>
    [CName("PCI_BASE_ADDRESS_4")]
    public const int BaseAddress4 = 0x20;

    /// <summary><c>PCI_BASE_ADDRESS_5</c>: sixth.</summary>
    [CName("PCI_BASE_ADDRESS_5")]
    public const int BaseAddress5 = 0x24;

    /// <summary><c>PCI_CARDBUS_CIS</c>: CardBus information pointer.</summary>
    [CName("PCI_CARDBUS_CIS")]
    public const int CardbusCis = 0x28;

    /// <summary><c>PCI_SUBSYSTEM_VENDOR_ID</c>: vendor of the subsystem, 16 bits.</summary>
    [CName("PCI_SUBSYSTEM_VENDOR_ID")]
    public const int SubsystemVendorId = 0x2C;

    /// <summary><c>PCI_SUBSYSTEM_ID</c>: subsystem, 16 bits.</summary>
    [CName("PCI_SUBSYSTEM_ID")]
    public const int SubsystemId = 0x2E;

    /// <summary><c>PCI_ROM_ADDRESS</c>: expansion ROM, <see cref="PciRomAddress"/>.</summary>
    [CName("PCI_ROM_ADDRESS")]
    public const int RomAddress = 0x30;

    /// <summary><c>PCI_CAPABILITY_LIST</c>: offset of the first capability.</summary>
    [CName("PCI_CAPABILITY_LIST")]
    public const int CapabilityList = 0x34;

    /// <summary><c>PCI_INTERRUPT_LINE</c>: where firmware notes the interrupt line.</summary>
    [CName("PCI_INTERRUPT_LINE")]
    public const int InterruptLine = 0x3C;

    /// <summary><c>PCI_INTERRUPT_PIN</c>: 1 to 4 for INTA to INTD, 0 for none.</summary>
    [CName("PCI_INTERRUPT_PIN")]
    public const int InterruptPin = 0x3D;

    /// <summary><c>PCI_MIN_GNT</c>: burst time wanted.</summary>
    [CName("PCI_MIN_GNT")]
    public const int MinGnt = 0x3E;

    /// <summary><c>PCI_MAX_LAT</c>: how often the bus is wanted.</summary>
    [CName("PCI_MAX_LAT")]
    public const int MaxLat = 0x3F;
}
