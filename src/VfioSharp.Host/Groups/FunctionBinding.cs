// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.Groups;

/// <summary>A PCI function and the host driver it is bound to. Guarded by the group registry's lock.</summary>
internal sealed class FunctionBinding(PciFunction function, IommuGroup? group)
{
    /// <summary>The function.</summary>
    public PciFunction Function { get; } = function;

    /// <summary>Its IOMMU group; null when the platform gave it none.</summary>
    public IommuGroup? Group { get; } = group;

    /// <summary>
    /// Guards binding and unbinding as a whole, waiting for users included (device_lock), and a physical function's
    /// virtual ones. Order: a physical function's before those of its virtual functions, both before the group
    /// registry's lock.
    /// </summary>
    public RankedLock DeviceLock { get; } = new(LockRank.Binding);

    /// <summary>The driver bound, or null.</summary>
    public string? Driver { get; set; }

    /// <summary>The driver_override attribute; null when not set.</summary>
    public string? DriverOverride { get; set; }

    /// <summary>Its virtual functions (SR-IOV), in their order. Changed with <see cref="DeviceLock"/> held, too.</summary>
    public IReadOnlyList<FunctionBinding> VirtualFunctions { get; set; } = [];

    /// <summary>sriov_drivers_autoprobe: whether new virtual functions get a driver by themselves.</summary>
    public bool ProbesVirtualFunctions { get; set; } = true;

    /// <summary>Whether the function left the machine: no driver takes it any more. Guarded by <see cref="DeviceLock"/>.</summary>
    public bool IsGone { get; set; }

    /// <summary>The VFIO device, while vfio-pci is bound.</summary>
    public VfioDevice? Device { get; set; }

    /// <summary>Whether the bound driver does DMA through the kernel's own mappings, which excludes a VFIO user.</summary>
    public bool UsesDefaultDomain { get; set; }
}
