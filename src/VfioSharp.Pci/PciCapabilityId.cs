// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;

namespace VfioSharp.Pci;

/// <summary>Capability ids of the conventional list.</summary>
public enum PciCapabilityId : byte
{
    /// <summary>Power management.</summary>
    PowerManagement = PciCapId.Pm,

    /// <summary>Accelerated graphics port.</summary>
    Agp = PciCapId.Agp,

    /// <summary>Vital product data.</summary>
    Vpd = PciCapId.Vpd,

    /// <summary>Slot identification.</summary>
    SlotId = PciCapId.Slotid,

    /// <summary>Message signalled interrupts.</summary>
    Msi = PciCapId.Msi,

    /// <summary>CompactPCI hot swap.</summary>
    HotSwap = PciCapId.Chswp,

    /// <summary>PCI-X.</summary>
    PciX = PciCapId.Pcix,

    /// <summary>HyperTransport.</summary>
    HyperTransport = PciCapId.Ht,

    /// <summary>Vendor-specific.</summary>
    Vendor = PciCapId.Vndr,

    /// <summary>Debug port.</summary>
    Debug = PciCapId.Dbg,

    /// <summary>Hot-plug controller.</summary>
    HotPlug = PciCapId.Shpc,

    /// <summary>Bridge subsystem ids.</summary>
    Subsystem = PciCapId.Ssvid,

    /// <summary>PCI Express.</summary>
    Express = PciCapId.Exp,

    /// <summary>MSI-X.</summary>
    MsiX = PciCapId.Msix,

    /// <summary>SATA.</summary>
    Sata = PciCapId.Sata,

    /// <summary>Advanced features.</summary>
    AdvancedFeatures = PciCapId.Af,
}

/// <summary>Capability ids of the extended list.</summary>
public enum PciExtendedCapabilityId : ushort
{
    /// <summary>Advanced error reporting.</summary>
    AdvancedErrorReporting = PciExtCapId.Err,

    /// <summary>Virtual channels.</summary>
    VirtualChannel = PciExtCapId.Vc,

    /// <summary>Device serial number.</summary>
    SerialNumber = PciExtCapId.Dsn,

    /// <summary>Access control services.</summary>
    AccessControlServices = PciExtCapId.Acs,

    /// <summary>Alternative routing id.</summary>
    AlternativeRouting = PciExtCapId.Ari,

    /// <summary>Address translation services.</summary>
    AddressTranslation = PciExtCapId.Ats,

    /// <summary>Single root I/O virtualisation.</summary>
    SingleRootIov = PciExtCapId.Sriov,
}

/// <summary>What a PCI Express function is (device/port type of the Express capability).</summary>
public enum PciExpressType : byte
{
    /// <summary>Endpoint.</summary>
    Endpoint = PciExpType.Endpoint,

    /// <summary>Legacy endpoint.</summary>
    LegacyEndpoint = PciExpType.LegacyEndpoint,

    /// <summary>Root port.</summary>
    RootPort = PciExpType.RootPort,

    /// <summary>Upstream port of a switch.</summary>
    Upstream = PciExpType.Upstream,

    /// <summary>Downstream port of a switch.</summary>
    Downstream = PciExpType.Downstream,

    /// <summary>Bridge from PCI Express to PCI or PCI-X.</summary>
    PciBridge = PciExpType.PciBridge,

    /// <summary>Bridge from PCI or PCI-X to PCI Express.</summary>
    PcieBridge = PciExpType.PcieBridge,

    /// <summary>Integrated endpoint of the root complex.</summary>
    RootComplexEndpoint = PciExpType.RootEndpoint,

    /// <summary>Event collector of the root complex.</summary>
    RootComplexEventCollector = PciExpType.RootEventCollector,
}
