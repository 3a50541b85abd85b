// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;

namespace VfioSharp.Host.Files;

/// <summary>
/// An open device (drivers/vfio/vfio_main.c: vfio_device_fops). Several may be open for one device through its group;
/// each keeps the group's file open.
/// </summary>
internal sealed class DeviceFile(GroupRegistry registry, VfioGroup group, GroupFile groupFile, VfioDevice device) : HostFile
{
    /// <inheritdoc/>
    public override string Description => $"device {device.Name}";

    /// <inheritdoc/>
    public override VfioFileKind Kind => VfioFileKind.Device;

    /// <summary>The device.</summary>
    public VfioDevice Device => device;

    /// <inheritdoc/>
    public override FileMemory? Memory => device.Memory;

    /// <inheritdoc/>
    public override KernelResult Ioctl(Caller caller, uint request, ulong argument) => device.Ioctl(caller, request, argument);

    /// <inheritdoc/>
    public override KernelResult Read(Caller caller, ulong address, ulong count, ulong offset) => device.Read(caller, address, count, offset);

    /// <inheritdoc/>
    public override KernelResult Write(Caller caller, ulong address, ulong count, ulong offset) => device.Write(caller, address, count, offset);

    /// <inheritdoc/>
    public override KernelResult Map(in MapRequest request, out IMappedRegion? region)
    {
        // mm/mmap.c: do_mmap: anonymous inodes are on a file system without execution.
        if ((request.Protection & MemoryProtection.Execute) == 0) return device.Map(in request, out region);
        region = null;
        return KernelResult.Fail(Errno.EPERM, $"mmap: {Description} cannot be mapped PROT_EXEC (protection {request.Protection})");
    }

    /// <inheritdoc/>
    protected override void OnReleased() => registry.CloseDevice(group, groupFile, device);
}
