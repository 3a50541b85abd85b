// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;

namespace VfioSharp.Host.Files;

/// <summary>An open /dev/vfio/vfio (drivers/vfio/container.c: vfio_fops).</summary>
internal sealed class ContainerFile(GroupRegistry registry, VfioContainer container, VfioFileKind kind) : HostFile
{
    /// <inheritdoc/>
    public override string Description => "container";

    /// <inheritdoc/>
    public override VfioFileKind Kind => kind;

    /// <summary>The container, which outlives this file while groups are in it.</summary>
    public VfioContainer Container { get; } = container;

    /// <inheritdoc/>
    public override KernelResult Ioctl(Caller caller, uint request, ulong argument)
    {
        switch (request)
        {
            case VfioIoctl.GetApiVersion:
                return KernelResult.Success;
            case VfioIoctl.CheckExtension:
                return Container.CheckExtension(argument);
            case VfioIoctl.SetIommu:
                return registry.SetIommu(Container, argument);
            default:
                return Container.Driver is { } driver
                    ? driver.Ioctl(caller, request, argument)
                    : KernelResult.Fail(Errno.EINVAL, $"request 0x{request:x} needs an IOMMU, and the container has none set: SET_IOMMU comes first");
        }
    }

    /// <inheritdoc/>
    protected override void OnReleased()
    {
        // Groups keep the container: nothing ends with its file.
    }
}
