// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>
/// A partitionable endpoint's IOMMU side (asm/iommu.h: struct iommu_table_group, iommu_table_group_ops): what windows
/// it can have and which it has. The platform makes it with its IOMMU group, with or without VFIO. Guarded by the
/// group registry's lock while the host has the group, and by its container's lock while VFIO has.
/// </summary>
internal abstract class IommuTableGroup(HostPhysicalMemory memory, TceTrace trace)
{
    private readonly IommuTable?[] _tables = new IommuTable?[TceDomain.MaxWindows];

    /// <summary>What this kind of group is called, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>The endpoint's name, for messages: as in sysfs' iommu_groups/N/name.</summary>
    public abstract string Name { get; }

    /// <summary>Start of the default window (tce32_start); more than 32 bits only where the kernel can say so.</summary>
    public ulong Tce32Start { get; protected init; }

    /// <summary>Size of the default window in bytes (tce32_size); likewise.</summary>
    public ulong Tce32Size { get; protected init; }

    /// <summary>Bitmap of page sizes that windows can have (pgsizes).</summary>
    public ulong PageSizes { get; protected init; }

    /// <summary>Page sizes that windows could have too, but for an oddity of Linux'.</summary>
    public ulong LostPageSizes { get; protected init; }

    /// <summary>How many windows there can be (max_dynamic_windows_supported).</summary>
    public uint MaxWindows { get; protected init; }

    /// <summary>The most levels of a table (max_levels).</summary>
    public uint MaxLevels { get; protected init; }

    /// <summary>Whether groups of one container share its windows; else a window is its endpoint's own.</summary>
    public virtual bool SharesWindows => false;

    /// <summary>What translates the endpoint's DMA.</summary>
    public TceDomain Domain { get; } = new(memory);

    /// <summary>The windows' tables, by slot.</summary>
    public IReadOnlyList<IommuTable?> Tables => _tables;

    /// <summary>What happens to the tables.</summary>
    protected TceTrace Trace { get; } = trace;

    /// <summary>Whether a container may hold both groups: they create tables in the same way.</summary>
    public bool IsCompatibleWith(IommuTableGroup other) => GetType() == other.GetType();

    /// <summary>The page sizes that a kernel offers.</summary>
    public ulong PageSizesOf(SpaprKernel kernel) => kernel.Copies(Fidelity.HugestPageSizeIsLost) ? PageSizes : PageSizes | LostPageSizes;

    /// <summary>Bytes to charge for a table (get_table_size); 0 when such a table cannot be.</summary>
    public abstract ulong GetTableSize(uint pageShift, ulong windowSize, uint levels);

    /// <summary>Makes a table for slot <paramref name="slot"/> (create_table). The caller has a reference to it.</summary>
    public abstract KernelResult CreateTable(SpaprKernel kernel, int slot, uint pageShift, ulong windowSize, uint levels, out IommuTable? table);

    /// <summary>Makes a table the window of a slot (set_window).</summary>
    public abstract KernelResult SetWindow(int slot, IommuTable table);

    /// <summary>Removes the window of a slot (unset_window). Its entries have been cleared.</summary>
    public abstract KernelResult UnsetWindow(int slot);

    /// <summary>VFIO takes the group from the host (take_ownership), once for each of its functions.</summary>
    public abstract KernelResult TakeOwnership(PciFunction function);

    /// <summary>The host has the group again (release_ownership).</summary>
    public abstract void ReleaseOwnership(PciFunction function);

    /// <summary>Whether the endpoint left the machine: the host makes no window any more.</summary>
    protected bool IsRetired { get; private set; }

    /// <summary>
    /// The endpoint leaves the machine: the host's own windows are freed, now or, when VFIO has it, when that lets it go.
    /// </summary>
    public void Retire(bool isTaken)
    {
        IsRetired = true;
        if (!isTaken) FreeHostWindows();
    }

    /// <summary>Frees the windows that the host has; VFIO has none.</summary>
    protected abstract void FreeHostWindows();

    /// <summary>Puts a table into a slot, or empties the slot.</summary>
    protected void SetTable(int slot, IommuTable? table) => _tables[slot] = table;
}
