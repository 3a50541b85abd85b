// SPDX-License-Identifier: MIT
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Platforms;

/// <summary>
/// The machine as firmware and bus code made it: functions, IOMMU groups, and what the IOMMU can do. Groups exist
/// whether or not a VFIO driver is loaded. Functions come and go (virtual functions): each list is a picture of one
/// moment that never changes itself. Thread-safe.
/// </summary>
public abstract class HostPlatform
{
    // Guards changes of _population; who reads takes what stands. Functions are read under it.
    private readonly RankedLock _lock = new(LockRank.Population);
    private volatile Population _population = new([], new PciTopology([]), []);

    /// <summary>The machine's name, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The kernel's page size in bytes.</summary>
    public abstract int PageSize { get; }

    /// <summary>Module parameter <c>dma_entry_limit</c> of vfio_iommu_type1: mappings per container.</summary>
    public abstract uint DmaEntryLimit { get; }

    /// <summary>Whether the kernel has huge pages.</summary>
    public virtual bool HasHugePages => true;

    /// <summary>
    /// Whether MSI-X vectors can be allocated after it was enabled (MSI_FLAG_PCI_MSIX_ALLOC_DYN of the interrupt
    /// domain): x86 can, POWER cannot.
    /// </summary>
    public virtual bool CanAllocateMsixVectors => false;

    /// <summary>
    /// Whether a mapping of a BAR faults in the pages of the MSI-X table. Linux shows the real table; a test of a
    /// program that must keep off it can ask for this.
    /// </summary>
    public virtual bool FaultsInMsixTable => false;

    /// <summary>All functions, by address.</summary>
    public IReadOnlyList<PciFunction> Functions => _population.Functions;

    /// <summary>How the functions hang together.</summary>
    public PciTopology Topology => _population.Topology;

    /// <summary>The IOMMU groups, by number.</summary>
    public IReadOnlyList<PlatformGroup> Groups => _population.Groups;

    /// <summary>Enhanced error handling, on platforms that have it.</summary>
    internal virtual EehSubsystem? Eeh => null;

    /// <summary>The driver a function is bound to when the host starts: "vfio-pci", "pcieport", another, or null for none.</summary>
    public abstract string? InitialDriver(PciFunction function);

    /// <summary>
    /// Host drivers the kernel has besides vfio-pci, pci-stub and the initial ones. A driver that driver_override names
    /// takes whatever device it is pointed at.
    /// </summary>
    public virtual IReadOnlyList<string> HostDrivers => ["ahci", "e1000e", "igb", "igbvf", "nvme", "virtio-pci", "xhci_hcd"];

    /// <summary>Makes the function that the machine has at an address, not yet part of it; null when it has none there.</summary>
    public virtual PciFunction? MakeFunction(PciAddress address) => null;

    /// <summary>Makes a virtual function of a physical one, not yet part of the machine; null when the machine says nothing of such.</summary>
    public virtual PciFunction? MakeVirtualFunction(PciFunction physical, int index) => null;

    /// <summary>A function appears on its bus: it gets its IOMMU group, whose members are then returned; null where there is none for it.</summary>
    internal PlatformGroup? Add(PciFunction function)
    {
        PlatformGroup? group = Place(function);
        AddToBus(function);
        return group;
    }

    private PlatformGroup? Place(PciFunction function)
    {
        using (_lock.EnterScope())
        {
            Population now = _population;
            List<PciFunction> functions = [.. now.Functions, function];
            functions.Sort((left, right) => left.Address.CompareTo(right.Address));
            var topology = new PciTopology(functions);
            PlatformGroup? group = PlaceNew(function, topology);
            List<PlatformGroup> groups = [.. now.Groups.Where(other => other.Id != group?.Id)];
            if (group is not null) groups.Add(group);
            groups.Sort((left, right) => left.Id.CompareTo(right.Id));
            _population = new Population(functions, topology, groups);
            return group;
        }
    }

    /// <summary>A function is gone; a group without members goes with it.</summary>
    internal void Remove(PciFunction function)
    {
        Eeh?.Leave(function);
        PlatformGroup? gone;
        using (_lock.EnterScope())
        {
            Population now = _population;
            PciFunction[] functions = [.. now.Functions.Where(other => other != function)];
            PlatformGroup[] groups = [.. now.Groups.Select(group => group.Functions.Contains(function)
                ? group with { Functions = [.. group.Functions.Where(other => other != function)] }
                : group)];
            gone = groups.FirstOrDefault(group => group.Functions.Count == 0);
            _population = new Population(functions, new PciTopology(functions), [.. groups.Where(group => group != gone)]);
        }

        if (gone is not null) RemoveGroup(gone);
    }

    /// <summary>A group lost its last function.</summary>
    private protected virtual void RemoveGroup(PlatformGroup group)
    {
    }

    /// <summary>A function is on its bus and in its group: what else the platform keeps of it is made (pcibios_bus_add_device).</summary>
    private protected virtual void AddToBus(PciFunction function)
    {
    }

    /// <summary>Sets what the machine begins with.</summary>
    protected void Populate(IReadOnlyList<PciFunction> functions, Func<PciTopology, IReadOnlyList<PlatformGroup>> makeGroups)
    {
        ArgumentNullException.ThrowIfNull(makeGroups);
        var topology = new PciTopology(functions);
        _population = new Population(functions, topology, makeGroups(topology));
    }

    /// <summary>The group a new function comes into, it included: one that stands, made larger, or a new one; null: none.</summary>
    protected abstract PlatformGroup? PlaceNew(PciFunction function, PciTopology topology);

    /// <summary>The lowest number that no group has.</summary>
    protected int FreeGroupNumber()
    {
        int number = 0;
        while (Groups.Any(group => group.Id == number)) number++;
        return number;
    }

    private sealed record Population(IReadOnlyList<PciFunction> Functions, PciTopology Topology, IReadOnlyList<PlatformGroup> Groups);
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
    Iova ApertureLast)
{
    /// <summary>On POWER: the endpoint's windows.</summary>
    internal IommuTableGroup? Tables { get; init; }
}

/// <summary>A reserved IOVA range.</summary>
/// <param name="Start">First address.</param>
/// <param name="Last">Last address.</param>
/// <param name="Kind">Its type as sysfs names it: "msi", "direct", "reserved".</param>
public readonly record struct ReservedRange(Iova Start, Iova Last, string Kind);
