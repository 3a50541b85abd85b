// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Files;

namespace VfioSharp.Supervisor.Programs;

/// <summary>A program's descriptor table: looked at through /proc, added to through the call that is being served.</summary>
internal sealed class RemoteFileTable(Session session, RemoteProcess process, EventWatcher events) : IFileTable
{
    public DescriptorKind Find(int descriptor, out HostFile? file)
    {
        DescriptorKind kind = session.Find(descriptor, out ServedFile? served);
        file = (served as ServedHostFile)?.File;
        // An attribute of sysfs is no file of VFIO's.
        return served is ServedAttribute ? DescriptorKind.Foreign : kind;
    }

    // drivers/vfio/group.c: vfio_device_open_file: an anonymous file, read-write, closed on exec.
    public KernelResult Install(HostFile file) => session.HandOut(
        "vfio " + file.Description,
        OpenMode.ReadWrite,
        closeOnExec: true,
        place => new ServedHostFile(place, file, OpenMode.ReadWrite),
        file.Memory);

    public KernelResult FindEvent(int descriptor, out IEventHandle? handle)
    {
        handle = null;
        SyscallResult copied = process.Descriptor.CopyDescriptor(descriptor, out SafeDescriptor? copy);
        if (copy is null) return KernelResult.Fail(copied.Errno, $"descriptor {descriptor} of {process.Name} is not open");
        if (!RemoteEvent.IsEvent(copy))
        {
            copy.Dispose();
            return KernelResult.Fail(Errno.EINVAL, $"descriptor {descriptor} of {process.Name} is not an eventfd");
        }

        handle = new RemoteEvent(copy, events);
        return KernelResult.Success;
    }
}
