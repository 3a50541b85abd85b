// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Platforms;

/// <summary>
/// The machine as firmware and bus code made it: functions, IOMMU groups, and what the IOMMU can do. Groups exist
/// whether or not a VFIO driver is loaded. Fixed for the life of a <see cref="SoftwareHost"/>.
/// </summary>
public abstract class HostPlatform
{
    private PciTopology? _topology;

    /// <summary>The machine's name, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The kernel's page size in bytes.</summary>
    public abstract int PageSize { get; }

    /// <summary>Module parameter <c>dma_entry_limit</c> of vfio_iommu_type1: mappings per container.</summary>
    public abstract uint DmaEntryLimit { get; }

    /// <summary>All functions, by address.</summary>
    public abstract IReadOnlyList<PciFunction> Functions { get; }

    /// <summary>How the functions hang together.</summary>
    public PciTopology Topology => _topology ??= new PciTopology(Functions);

    /// <summary>The IOMMU groups, by number.</summary>
    public abstract IReadOnlyList<PlatformGroup> Groups { get; }

    /// <summary>The driver a function is bound to when the host starts: "vfio-pci", "pcieport", another, or null for none.</summary>
    public abstract string? InitialDriver(PciFunction function);

    /// <summary>
    /// Host drivers the kernel has besides vfio-pci, pci-stub and the initial ones. A driver that driver_override names
    /// takes whatever device it is pointed at.
    /// </summary>
    public virtual IReadOnlyList<string> HostDrivers => ["ahci", "e1000e", "igb", "igbvf", "nvme", "virtio-pci", "xhci_hcd"];
}

/// <summary>An IOMMU group as the platform made it.</summary>
/// <param name="Id">Group number, as in /dev/vfio/N.</param>
/// <param name="Functions">Its members.</param>
/// <param name="Reserved">IOVA ranges that cannot be mapped (iommu_get_group_resv_regions).</param>
/// <param name="PageSizes">Bitmap of the page sizes of its IOMMU.</param>
/// <param name="ApertureStart">First IOVA that its IOMMU translates.</param>
/// <param name="ApertureLast">Last IOVA that its IOMMU translates.</param>
public sealed record PlatformGroup(
    int Id,
    IReadOnlyList<PciFunction> Functions,
    IReadOnlyList<ReservedRange> Reserved,
    ulong PageSizes,
    Iova ApertureStart,
    Iova ApertureLast);

/// <summary>A reserved IOVA range.</summary>
/// <param name="Start">First address.</param>
/// <param name="Last">Last address.</param>
/// <param name="Kind">Its type as sysfs names it: "msi", "direct", "reserved".</param>
public readonly record struct ReservedRange(Iova Start, Iova Last, string Kind);
