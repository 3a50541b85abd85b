// SPDX-License-Identifier: MIT
using VfioSharp.Host.Iommu;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Groups;

/// <summary>
/// A container (drivers/vfio/container.c: struct vfio_container): groups that share an IOMMU context. It lives until
/// its file and all its groups are gone, in any order. Groups and driver change under the group registry's lock.
/// </summary>
/// <param name="modules">The kernel's IOMMU drivers.</param>
/// <param name="missingDriver">Why there is none, where there is none.</param>
internal sealed class VfioContainer(IReadOnlyList<IIommuDriverModule> modules, string? missingDriver)
{
    private readonly List<VfioGroup> _groups = [];
    private IIommuDriver? _driver;

    /// <summary>The IOMMU driver once SET_IOMMU chose one. Read without a lock.</summary>
    public IIommuDriver? Driver => Volatile.Read(ref _driver);

    /// <summary>The groups in the container, for listings.</summary>
    public IReadOnlyList<VfioGroup> Groups => _groups;

    /// <summary>CHECK_EXTENSION (vfio_container_ioctl_check_extension): the driver's answer, else the first positive one.</summary>
    public KernelResult CheckExtension(ulong extension)
    {
        if (Driver is { } driver) return driver.CheckExtension(extension);
        foreach (IIommuDriverModule module in modules)
        {
            KernelResult answer = module.CheckExtension(extension);
            if (answer.RawValue > 0) return answer;
        }

        return KernelResult.Success;
    }

    /// <summary>SET_IOMMU (vfio_ioctl_set_iommu): the first driver that knows the type and takes all groups.</summary>
    public KernelResult SetIommu(ulong type)
    {
        if (_groups.Count == 0) return KernelResult.Fail(Errno.EINVAL, $"SET_IOMMU({type}): the container has no group; add one by GROUP_SET_CONTAINER first");
        if (_driver is not null) return KernelResult.Fail(Errno.EINVAL, $"SET_IOMMU({type}): the container's IOMMU is set already");
        KernelResult result = KernelResult.Fail(Errno.ENODEV, $"SET_IOMMU({type}): {missingDriver ?? $"no IOMMU driver of this machine offers type {type}"}");
        foreach (IIommuDriverModule module in modules)
        {
            if (module.CheckExtension(type).RawValue <= 0) continue;
            result = module.Open(type, out IIommuDriver? driver);
            if (result.IsError) continue;
            result = AttachAll(driver!);
            if (result.IsError)
            {
                driver!.Release();
                continue;
            }

            Volatile.Write(ref _driver, driver);
            break;
        }

        return result;
    }

    /// <summary>A group joins (vfio_container_attach_group): DMA ownership first, then the driver.</summary>
    public KernelResult Attach(VfioGroup group)
    {
        IommuGroup iommuGroup = group.IommuGroup!;
        KernelResult claimed = iommuGroup.Claim(group);
        if (claimed.IsError) return claimed;
        if (_driver is not null)
        {
            KernelResult attached = _driver.AttachGroup(iommuGroup);
            if (attached.IsError)
            {
                iommuGroup.Unclaim();
                return attached;
            }
        }

        group.Container = this;
        group.ContainerUsers = 1;

        // The kernel adds at the head: the newest group is the first that SET_IOMMU attaches.
        _groups.Insert(0, group);
        return KernelResult.Success;
    }

    /// <summary>A group leaves (vfio_group_detach_container); the last one takes the IOMMU with it.</summary>
    public void Detach(VfioGroup group)
    {
        IommuGroup iommuGroup = group.IommuGroup!;
        _driver?.DetachGroup(iommuGroup);
        iommuGroup.Unclaim();
        group.Container = null;
        group.ContainerUsers = 0;
        _groups.Remove(group);
        if (_driver is not null && _groups.Count == 0)
        {
            IIommuDriver driver = _driver;
            Volatile.Write(ref _driver, null);
            driver.Release();
        }
    }

    private KernelResult AttachAll(IIommuDriver driver)
    {
        for (int i = 0; i < _groups.Count; i++)
        {
            KernelResult attached = driver.AttachGroup(_groups[i].IommuGroup!);
            if (!attached.IsError) continue;
            while (--i >= 0) driver.DetachGroup(_groups[i].IommuGroup!);
            return attached;
        }

        return KernelResult.Success;
    }
}
