// SPDX-License-Identifier: MIT
namespace VfioSharp.Pci;

/// <summary>Capability ids of the conventional list.</summary>
public enum PciCapabilityId : byte
{
    /// <summary>Power management.</summary>
    PowerManagement = 0x01,

    /// <summary>Accelerated graphics port.</summary>
    Agp = 0x02,

    /// <summary>Vital product data.</summary>
    Vpd = 0x03,

    /// <summary>Slot identification.</summary>
    SlotId = 0x04,

    /// <summary>Message signalled interrupts.</summary>
    Msi = 0x05,

    /// <summary>CompactPCI hot swap.</summary>
    HotSwap = 0x06,

    /// <summary>PCI-X.</summary>
    PciX = 0x07,

    /// <summary>HyperTransport.</summary>
    HyperTransport = 0x08,

    /// <summary>Vendor-specific.</summary>
    Vendor = 0x09,

    /// <summary>Debug port.</summary>
    Debug = 0x0a,

    /// <summary>Hot-plug controller.</summary>
    HotPlug = 0x0c,

    /// <summary>Bridge subsystem ids.</summary>
    Subsystem = 0x0d,

    /// <summary>PCI Express.</summary>
    Express = 0x10,

    /// <summary>MSI-X.</summary>
    MsiX = 0x11,

    /// <summary>SATA.</summary>
    Sata = 0x12,

    /// <summary>Advanced features.</summary>
    AdvancedFeatures = 0x13,
}

/// <summary>Capability ids of the extended list.</summary>
public enum PciExtendedCapabilityId : ushort
{
    /// <summary>Advanced error reporting.</summary>
    AdvancedErrorReporting = 0x01,

    /// <summary>Virtual channels.</summary>
    VirtualChannel = 0x02,

    /// <summary>Device serial number.</summary>
    SerialNumber = 0x03,

    /// <summary>Access control services.</summary>
    AccessControlServices = 0x0d,

    /// <summary>Alternative routing id.</summary>
    AlternativeRouting = 0x0e,

    /// <summary>Address translation services.</summary>
    AddressTranslation = 0x0f,

    /// <summary>Single root I/O virtualisation.</summary>
    SingleRootIov = 0x10,
}

/// <summary>What a PCI Express function is (device/port type of the Express capability).</summary>
public enum PciExpressType : byte
{
    /// <summary>Endpoint.</summary>
    Endpoint = 0,

    /// <summary>Legacy endpoint.</summary>
    LegacyEndpoint = 1,

    /// <summary>Root port.</summary>
    RootPort = 4,

    /// <summary>Upstream port of a switch.</summary>
    Upstream = 5,

    /// <summary>Downstream port of a switch.</summary>
    Downstream = 6,

    /// <summary>Bridge from PCI Express to PCI or PCI-X.</summary>
    PciBridge = 7,

    /// <summary>Bridge from PCI or PCI-X to PCI Express.</summary>
    PcieBridge = 8,

    /// <summary>Integrated endpoint of the root complex.</summary>
    RootComplexEndpoint = 9,

    /// <summary>Event collector of the root complex.</summary>
    RootComplexEventCollector = 10,
}
