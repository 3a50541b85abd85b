// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Pci;

namespace VfioSharp.Host.Machines;

/// <summary>A machine as its file describes it (docs/machines.md).</summary>
/// <param name="Name">What the machine is called.</param>
/// <param name="Platform">What kind of machine it is.</param>
/// <param name="PageSize">The kernel's page size in bytes.</param>
/// <param name="RamBytes">Memory of the machine in bytes.</param>
/// <param name="HugePages">2 MiB huge pages set aside; null where the kernel has none.</param>
/// <param name="DmaEntryLimit">Mappings a Type1 container may hold.</param>
/// <param name="Iommu">What its IOMMU can do, on x86; POWER's is in its host bridges.</param>
/// <param name="Aliases">Names for scripts, in order: the first one listed of a group names the group.</param>
/// <param name="Devices">Its PCI functions, by address.</param>
public sealed record MachineDescription(
    string Name,
    PlatformKind Platform,
    int PageSize,
    ulong RamBytes,
    int? HugePages,
    uint DmaEntryLimit,
    IommuDescription Iommu,
    IReadOnlyList<MachineAlias> Aliases,
    IReadOnlyList<DeviceDescription> Devices)
{
    /// <summary>Whether a mapping of a BAR faults in the pages of the MSI-X table; Linux shows the real table.</summary>
    public bool FaultsInMsixTable { get; init; }

    /// <summary>On POWER: the PCI host bridges, one a segment.</summary>
    public IReadOnlyList<HostBridgeDescription> HostBridges { get; init; } = [];

    /// <summary>On pSeries: bitmap of page sizes that the hypervisor's windows can have.</summary>
    public ulong FirmwarePageSizes { get; init; }

    /// <summary>On pSeries: what the partition's kernel and hypervisor can do beyond, or less than, Linux 7.2's.</summary>
    public PseriesDescription Pseries { get; init; } = new();

    /// <summary>On POWER: how errors of the endpoints behave.</summary>
    public EehBehaviour Eeh { get; init; }
}

/// <summary>How a POWER machine's endpoints react to errors.</summary>
public enum EehBehaviour
{
    /// <summary>
    /// As real hardware: a frozen endpoint is cut off, DMA that nothing translates freezes it on PowerNV, the host recovers
    /// what nobody has open; a pSeries partition's firmware has the EEH calls.
    /// </summary>
    Hardware,

    /// <summary>
    /// As QEMU: the host bridge notes that an endpoint is frozen but cuts nothing off, nothing freezes by itself, and the
    /// firmware has the oddities it has there; a pSeries partition's firmware refuses EEH for emulated devices.
    /// </summary>
    Qemu,
}

/// <summary>A PCI host bridge of a POWER machine, as its device tree describes it.</summary>
/// <param name="Segment">The PCI segment (domain) it leads to.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Properties">The node's properties, as bytes.</param>
public sealed record HostBridgeDescription(int Segment, string Node, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Properties);

/// <summary>A name for a function. The function itself may appear later (a virtual function).</summary>
/// <param name="Name">The name, as in "edu0".</param>
/// <param name="Address">What it names.</param>
public readonly record struct MachineAlias(string Name, PciAddress Address);

/// <summary>What a machine's IOMMU can do.</summary>
/// <param name="PageSizes">Bitmap of page sizes.</param>
/// <param name="ApertureBits">Width of an IOVA.</param>
/// <param name="Reserved">Ranges that cannot be mapped.</param>
public sealed record IommuDescription(ulong PageSizes, int ApertureBits, IReadOnlyList<ReservedRange> Reserved);

/// <summary>A PCI function of a machine.</summary>
/// <param name="Model">The model that plays it: "edu", "snapshot".</param>
/// <param name="Address">Where it is.</param>
/// <param name="Alias">Its first alias, or null.</param>
/// <param name="Driver">The host driver it is bound to at the start, or null.</param>
/// <param name="Config">Its configuration bytes, zeros at the end cut.</param>
/// <param name="ConfigSize">256 or 4096.</param>
/// <param name="Bars">BARs 0–5, the ROM (6), and the BARs of its virtual functions (7–12), as assigned.</param>
/// <param name="ResetMethods">How it can be reset, in the kernel's order.</param>
/// <param name="Emulation">How configuration bytes outside capabilities behave.</param>
/// <param name="MemoryBars">BARs that are plain memory.</param>
/// <param name="Registers">What BARs answer where that is not 0.</param>
public sealed record DeviceDescription(
    string Model,
    PciAddress Address,
    string? Alias,
    string? Driver,
    ReadOnlyMemory<byte> Config,
    int ConfigSize,
    IReadOnlyList<PciBar> Bars,
    IReadOnlyList<PciResetMethod> ResetMethods,
    ConfigEmulation Emulation,
    IReadOnlyList<int> MemoryBars,
    IReadOnlyList<RegisterDescription> Registers)
{
    /// <summary>What kind of machine it is in: device models differ by byte order.</summary>
    public PlatformKind Platform { get; init; }

    /// <summary>Whether it is a virtual function: its BARs are assigned by the physical one's SR-IOV capability.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>What its vital product data capability leads to; empty: nothing that answers.</summary>
    public ReadOnlyMemory<byte> Vpd { get; init; }

    /// <summary>What its virtual functions are like, as the first of them: only addresses differ. Null: it has none.</summary>
    public DeviceDescription? VirtualFunction { get; init; }
}

/// <summary>Bytes that a BAR answers from a place on.</summary>
/// <param name="Bar">0–5, 6 for the ROM, or 8 for the legacy VGA ranges.</param>
/// <param name="Offset">Place in the BAR.</param>
/// <param name="Data">The bytes, in memory order.</param>
/// <param name="Writable">Whether the bytes keep what is written.</param>
public sealed record RegisterDescription(int Bar, ulong Offset, ReadOnlyMemory<byte> Data, bool Writable);
