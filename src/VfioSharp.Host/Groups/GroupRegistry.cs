// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Files;
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Groups;

/// <summary>
/// VFIO's groups and what happens to them: open and close, joining and leaving containers, devices opened and closed
/// (drivers/vfio/group.c, vfio_main.c). One lock orders it all.
/// </summary>
internal sealed class GroupRegistry
{
    private readonly Dictionary<int, VfioGroup> _groups = [];

    /// <summary>
    /// Guards groups, containers' membership, DMA ownership, driver bindings and open counts. Outermost: IOMMU
    /// drivers' and devices' locks are taken under it.
    /// </summary>
    public RankedLock Lock { get; } = new(LockRank.GroupRegistry);

    /// <summary>Opens a group's node (vfio_group_fops_open).</summary>
    public KernelResult Open(int id, string openedBy, out GroupFile? file)
    {
        file = null;
        using (Lock.EnterScope())
        {
            if (!_groups.TryGetValue(id, out VfioGroup? group)) return KernelResult.Fail(Errno.ENOENT, $"/dev/vfio/{id} does not exist: no device of group {id} is bound to vfio-pci");
            if (group.OpenedFile is not null) return KernelResult.Fail(Errno.EBUSY, $"group {id} is open already, by {group.OpenedBy}; a group has one user at a time");
            file = new GroupFile(this, group);
            group.OpenedFile = file;
            group.OpenedBy = openedBy;
            return KernelResult.Success;
        }
    }

    /// <summary>Whether /dev/vfio/N exists.</summary>
    public bool HasNode(int id)
    {
        using (Lock.EnterScope()) return _groups.ContainsKey(id);
    }

    /// <summary>The group of a number while it has a node. Called with the lock held.</summary>
    public VfioGroup? Find(int id) => _groups.GetValueOrDefault(id);

    /// <summary>The numbers of the groups that have a node, sorted.</summary>
    public IReadOnlyList<int> Nodes()
    {
        using (Lock.EnterScope()) return [.. _groups.Keys.Order()];
    }

    /// <summary>The group's file is closed (vfio_group_fops_release): no device of it is open any more.</summary>
    public void CloseGroup(VfioGroup group)
    {
        using (Lock.EnterScope())
        {
            group.Container?.Detach(group);
            group.OpenedFile = null;
            group.OpenedBy = null;
        }
    }

    /// <summary>GET_STATUS (vfio_group_ioctl_get_status); the value is the flags.</summary>
    public KernelResult GetStatus(VfioGroup group)
    {
        using (Lock.EnterScope())
        {
            if (group.IommuGroup is not { } iommuGroup) return KernelResult.Fail(Errno.ENODEV, $"group {group.Id} has no VFIO device left");
            if (group.Container is not null) return KernelResult.Ok(VfioGroupFlags.ContainerSet | VfioGroupFlags.Viable);
            return KernelResult.Ok(iommuGroup.OwnerCount == 0 ? VfioGroupFlags.Viable : 0);
        }
    }

    /// <summary>SET_CONTAINER once the descriptor is known (vfio_group_ioctl_set_container).</summary>
    /// <param name="group">The group.</param>
    /// <param name="file">The container's file, or null for a descriptor of something else.</param>
    /// <param name="descriptor">The descriptor, for messages.</param>
    public KernelResult SetContainer(VfioGroup group, ContainerFile? file, int descriptor)
    {
        using (Lock.EnterScope())
        {
            if (group.Container is not null) return KernelResult.Fail(Errno.EINVAL, $"GROUP_SET_CONTAINER: group {group.Id} is in a container already");
            if (group.IommuGroup is null) return KernelResult.Fail(Errno.ENODEV, $"GROUP_SET_CONTAINER: group {group.Id} has no VFIO device left");
            return file is null
                ? KernelResult.Fail(Errno.EBADFD, $"GROUP_SET_CONTAINER: descriptor {descriptor} is not a container")
                : file.Container.Attach(group);
        }
    }

    /// <summary>UNSET_CONTAINER (vfio_group_ioctl_unset_container).</summary>
    public KernelResult UnsetContainer(VfioGroup group)
    {
        using (Lock.EnterScope())
        {
            if (group.Container is not { } container) return KernelResult.Fail(Errno.EINVAL, $"GROUP_UNSET_CONTAINER: group {group.Id} is in no container");
            if (group.ContainerUsers != 1) return KernelResult.Fail(Errno.EBUSY, $"GROUP_UNSET_CONTAINER: {group.ContainerUsers - 1} device(s) of group {group.Id} are open; close them first");
            container.Detach(group);
            return KernelResult.Success;
        }
    }

    /// <summary>SET_IOMMU on a container.</summary>
    public KernelResult SetIommu(VfioContainer container, ulong type)
    {
        using (Lock.EnterScope()) return container.SetIommu(type);
    }

    /// <summary>GET_DEVICE_FD (vfio_device_get_from_name, vfio_df_group_open): the name first, then the container.</summary>
    public KernelResult OpenDevice(VfioGroup group, GroupFile groupFile, string request, out DeviceFile? file)
    {
        file = null;
        using (Lock.EnterScope())
        {
            KernelResult found = FindDevice(group, request, out VfioDevice? device);
            if (found.IsError) return found;
            if (group.Container is not { } container) return KernelResult.Fail(Errno.EINVAL, $"GROUP_GET_DEVICE_FD({request}): group {group.Id} is in no container");
            if (device!.OpenCount == 0)
            {
                // vfio_group_use_container
                if (container.Driver is null) return KernelResult.Fail(Errno.EINVAL, $"GROUP_GET_DEVICE_FD({request}): the container has no IOMMU set; SET_IOMMU comes first");
                KernelResult opened = device.OpenDevice();
                if (opened.IsError) return opened;
                groupFile.Acquire();
                group.ContainerUsers++;
            }

            device.OpenCount++;
            file = new DeviceFile(this, group, groupFile, device);
            return KernelResult.Success;
        }
    }

    private static KernelResult FindDevice(VfioGroup group, string request, out VfioDevice? device)
    {
        // The kernel adds at the head, so the newest device is asked first.
        for (int i = group.Devices.Count - 1; i >= 0; i--)
        {
            device = group.Devices[i];
            KernelResult match = device.Match(request);
            if (match.IsError || match.Value != 0) return match;
        }

        device = null;
        return KernelResult.Fail(Errno.ENODEV, $"GROUP_GET_DEVICE_FD: \"{request}\" is no device of group {group.Id} bound to vfio-pci");
    }

    /// <summary>A device descriptor is closed (vfio_device_fops_release).</summary>
    public void CloseDevice(VfioGroup group, GroupFile groupFile, VfioDevice device)
    {
        bool last;
        using (Lock.EnterScope())
        {
            last = device.OpenCount == 1;
            if (last)
            {
                device.CloseDevice();
                group.ContainerUsers--;
            }

            device.OpenCount--;
            if (last) device.Released?.Set();
        }

        // The group's file may go with this reference; it takes the lock itself.
        if (last) groupFile.Release();
    }

    /// <summary>A device gets a VFIO driver (vfio_register_group_dev): the first one of a group makes its node.</summary>
    public void Register(IommuGroup iommuGroup, VfioDevice device)
    {
        using (Lock.EnterScope())
        {
            if (!_groups.TryGetValue(iommuGroup.Id, out VfioGroup? group))
            {
                group = new VfioGroup(iommuGroup);
                _groups.Add(iommuGroup.Id, group);
            }

            group.DriverCount++;
            group.Devices.Add(device);
            device.VfioGroup = group;
        }
    }

    /// <summary>
    /// A VFIO driver lets go of a device (vfio_unregister_group_dev): nobody can open it any more, users are asked to
    /// close it, and the call waits until they did.
    /// </summary>
    public void Unregister(VfioDevice device)
    {
        using var released = new ManualResetEventSlim();
        VfioGroup group = device.VfioGroup!;
        using (Lock.EnterScope())
        {
            group.Devices.Remove(device);
            device.Released = released;
            if (device.OpenCount == 0) released.Set();
        }

        for (uint attempt = 0; !released.IsSet; attempt++)
        {
            device.RequestRelease(attempt);
            released.Wait(TimeSpan.FromSeconds(10));
        }

        using (Lock.EnterScope())
        {
            device.Released = null;
            if (--group.DriverCount != 0) return;

            // vfio_device_remove_group: the last device takes the node, and new users find no IOMMU group.
            _groups.Remove(group.Id);
            group.Container?.Detach(group);
            group.IommuGroup = null;
        }
    }
}
