// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Iommu;

/// <summary>
/// What a container's IOMMU driver does, as <c>struct vfio_iommu_driver_ops</c>: Type1, and sPAPR TCE on POWER.
/// An object is one container's instance. Attach, detach and release are called under the group registry's lock.
/// </summary>
internal interface IIommuDriver
{
    /// <summary>CHECK_EXTENSION once the driver is the container's.</summary>
    KernelResult CheckExtension(ulong extension);

    /// <summary>Any other ioctl of the container.</summary>
    KernelResult Ioctl(Caller caller, uint request, ulong argument);

    /// <summary>A group joins.</summary>
    KernelResult AttachGroup(IommuGroup group);

    /// <summary>A group leaves.</summary>
    void DetachGroup(IommuGroup group);

    /// <summary>The container has no groups any more: everything left is unmapped, unpinned and uncharged.</summary>
    void Release();
}

/// <summary>A registered IOMMU driver, from which containers get their instance.</summary>
internal interface IIommuDriverModule
{
    /// <summary>The driver's name, for messages.</summary>
    string Name { get; }

    /// <summary>CHECK_EXTENSION before a driver is set.</summary>
    KernelResult CheckExtension(ulong extension);

    /// <summary>SET_IOMMU's open: an instance for the type asked for.</summary>
    KernelResult Open(ulong type, out IIommuDriver? driver);
}
