// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Kernel.Requests;
using VfioSharp.Linux;

namespace VfioSharp.Host.Files;

/// <summary>An open /dev/vfio/N (drivers/vfio/group.c: vfio_group_fops).</summary>
internal sealed class GroupFile(GroupRegistry registry, VfioGroup group) : HostFile
{
    /// <inheritdoc/>
    public override string Description => $"group {group.Id}";

    /// <inheritdoc/>
    public override VfioFileKind Kind => VfioFileKind.Group;

    /// <summary>The group.</summary>
    public VfioGroup Group => group;

    /// <summary>Held while devices of several groups are reset together: none is opened, closed or unbound meanwhile.</summary>
    public RankedLock RegistryLock => registry.Lock;

    /// <inheritdoc/>
    public override KernelResult Ioctl(Caller caller, uint request, ulong argument) => request switch
    {
        VfioIoctl.GroupGetDeviceFd => GetDeviceFd(caller, argument),
        VfioIoctl.GroupGetStatus => GetStatus(caller, argument),
        VfioIoctl.GroupSetContainer => SetContainer(caller, argument),
        VfioIoctl.GroupUnsetContainer => registry.UnsetContainer(group),
        _ => KernelResult.Fail(Errno.ENOTTY, $"request 0x{request:x} is not one of a group descriptor"),
    };

    // group.c: vfio_group_ioctl_get_status
    private KernelResult GetStatus(Caller caller, ulong argument)
    {
        VfioGroupStatus status = default;
        if (!UserMemory.TryRead(caller, argument, ref status)) return UserMemory.Fault("GROUP_GET_STATUS", argument, Unsafe.SizeOf<VfioGroupStatus>());
        if (status.Argsz < Unsafe.SizeOf<VfioGroupStatus>()) return UserMemory.ShortArgument("GROUP_GET_STATUS", status.Argsz, Unsafe.SizeOf<VfioGroupStatus>());
        KernelResult flags = registry.GetStatus(group);
        if (flags.IsError) return flags;
        status.Flags = (uint)flags.Value;
        return UserMemory.TryWrite(caller, argument, in status)
            ? KernelResult.Success
            : UserMemory.Fault("GROUP_GET_STATUS", argument, Unsafe.SizeOf<VfioGroupStatus>());
    }

    // group.c: vfio_group_ioctl_set_container
    private KernelResult SetContainer(Caller caller, ulong argument)
    {
        int descriptor = 0;
        if (!UserMemory.TryRead(caller, argument, ref descriptor)) return UserMemory.Fault("GROUP_SET_CONTAINER", argument, sizeof(int));
        DescriptorKind kind = caller.Files.Find(descriptor, out HostFile? file);
        return kind == DescriptorKind.Closed
            ? KernelResult.Fail(Errno.EBADF, $"GROUP_SET_CONTAINER: descriptor {descriptor} is not open")
            : registry.SetContainer(group, file as ContainerFile, descriptor);
    }

    // group.c: vfio_group_ioctl_get_device_fd
    private KernelResult GetDeviceFd(Caller caller, ulong argument)
    {
        KernelResult read = ReadName(caller, argument, out string? name);
        if (read.IsError) return read;
        KernelResult opened = registry.OpenDevice(group, this, name!, out DeviceFile? file);
        if (opened.IsError) return opened;
        KernelResult installed = caller.Files.Install(file!);
        if (installed.IsError) file!.Release();
        return installed;
    }

    // strndup_user: EFAULT when it cannot be read, EINVAL when no NUL comes within a page.
    private static KernelResult ReadName(Caller caller, ulong address, out string? name)
    {
        name = null;
        int limit = caller.Memory.PageSize;
        var text = new StringBuilder();
        Span<byte> chunk = stackalloc byte[64];
        for (int done = 0; done < limit;)
        {
            // A chunk never crosses a page, so that a name at the end of mapped memory can be read.
            ulong at = unchecked(address + (ulong)done);
            int count = (int)Math.Min((ulong)Math.Min(chunk.Length, limit - done), (ulong)limit - (at % (ulong)limit));
            if (!caller.Memory.TryRead(at, chunk[..count])) return UserMemory.Fault("GROUP_GET_DEVICE_FD", at, 1);
            int end = chunk[..count].IndexOf((byte)0);
            text.Append(Encoding.Latin1.GetString(chunk[..(end < 0 ? count : end)]));
            if (end >= 0)
            {
                name = text.ToString();
                return KernelResult.Success;
            }

            done += count;
        }

        return KernelResult.Fail(Errno.EINVAL, $"GROUP_GET_DEVICE_FD: the name at 0x{address:x} does not end within {limit} bytes");
    }

    /// <inheritdoc/>
    protected override void OnReleased() => registry.CloseGroup(group);
}
