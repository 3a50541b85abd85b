// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr.Rtas;

/// <summary>
/// Tokens of the RTAS calls that concern PCI, with QEMU's numbers. A guest finds them in the device tree's
/// <c>/rtas</c> node, by the names that stand here.
/// </summary>
public enum RtasToken
{
    /// <summary>read-pci-config.</summary>
    ReadPciConfig = 0x2014,

    /// <summary>write-pci-config.</summary>
    WritePciConfig = 0x2015,

    /// <summary>ibm,read-pci-config.</summary>
    IbmReadPciConfig = 0x2016,

    /// <summary>ibm,write-pci-config.</summary>
    IbmWritePciConfig = 0x2017,

    /// <summary>ibm,query-interrupt-source-number.</summary>
    QueryInterruptSourceNumber = 0x2018,

    /// <summary>ibm,change-msi.</summary>
    ChangeMsi = 0x2019,

    /// <summary>ibm,set-eeh-option.</summary>
    SetEehOption = 0x2020,

    /// <summary>ibm,get-config-addr-info2.</summary>
    GetConfigAddressInfo2 = 0x2021,

    /// <summary>ibm,read-slot-reset-state2.</summary>
    ReadSlotResetState2 = 0x2022,

    /// <summary>ibm,set-slot-reset.</summary>
    SetSlotReset = 0x2023,

    /// <summary>ibm,configure-pe.</summary>
    ConfigurePe = 0x2024,

    /// <summary>ibm,slot-error-detail.</summary>
    SlotErrorDetail = 0x2025,

    /// <summary>ibm,query-pe-dma-window.</summary>
    QueryPeDmaWindow = 0x2026,

    /// <summary>ibm,create-pe-dma-window.</summary>
    CreatePeDmaWindow = 0x2027,

    /// <summary>ibm,remove-pe-dma-window.</summary>
    RemovePeDmaWindow = 0x2028,

    /// <summary>ibm,reset-pe-dma-window.</summary>
    ResetPeDmaWindow = 0x2029,
}
