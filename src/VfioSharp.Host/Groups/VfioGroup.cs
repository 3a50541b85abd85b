// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;

namespace VfioSharp.Host.Groups;

/// <summary>
/// A group as VFIO has it (drivers/vfio/group.c: struct vfio_group): it stands while a device of the group is bound
/// to a VFIO driver. Guarded by the group registry's lock.
/// </summary>
internal sealed class VfioGroup(IommuGroup group)
{
    /// <summary>The group's number.</summary>
    public int Id { get; } = group.Id;

    /// <summary>The IOMMU group; null once the last VFIO device is gone, which blocks all new users.</summary>
    public IommuGroup? IommuGroup { get; set; } = group;

    /// <summary>The one open file of the group.</summary>
    public GroupFile? OpenedFile { get; set; }

    /// <summary>Who opened it, for messages.</summary>
    public string? OpenedBy { get; set; }

    /// <summary>The container the group is in.</summary>
    public VfioContainer? Container { get; set; }

    /// <summary>The group itself and each of its open devices (container_users).</summary>
    public int ContainerUsers { get; set; }

    /// <summary>Devices of the group bound to a VFIO driver; those unregistering are not in the list.</summary>
    public List<VfioDevice> Devices { get; } = [];

    /// <summary>VFIO drivers bound in the group, those unregistering included (drivers).</summary>
    public int DriverCount { get; set; }

    /// <summary>Who owns the group's DMA, for a message.</summary>
    public string DescribeOwner() => OpenedBy is null ? "vfio" : $"vfio (process {OpenedBy})";
}
