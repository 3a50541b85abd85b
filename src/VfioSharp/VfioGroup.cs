// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp;

/// <summary>An IOMMU group opened for use (<c>/dev/vfio/N</c>): the smallest set of devices that can be isolated.</summary>
/// <remarks>
/// Members may be called from any thread. A group can be open once on a system. The descriptor stays open until
/// this object and its devices are disposed; while the group is in a container it keeps that open.
/// </remarks>
public sealed class VfioGroup : IDisposable
{
    private readonly KernelFile _file;
    private int _disposed;

    private VfioGroup(KernelFile file, int number)
    {
        _file = file;
        Number = number;
    }

    /// <summary>The group's number, as sysfs has it.</summary>
    public int Number { get; }

    /// <summary>The kernel the group is of.</summary>
    public IVfioKernel Kernel => _file.Kernel;

    /// <summary>The descriptor, for calls that name groups by theirs.</summary>
    internal KernelFile File => _file;

    /// <summary>GROUP_GET_STATUS: whether every device of the group is free for a user.</summary>
    /// <exception cref="VfioException">The kernel refused.</exception>
    public bool IsViable => (GetStatus() & VfioGroupFlags.Viable) != 0;

    /// <summary>GROUP_GET_STATUS: whether the group is in a container.</summary>
    /// <exception cref="VfioException">The kernel refused.</exception>
    public bool IsInContainer => (GetStatus() & VfioGroupFlags.ContainerSet) != 0;

    /// <summary>Opens a group by number.</summary>
    /// <exception cref="VfioException">
    /// ENOENT: no such group, or no device of it is bound to a VFIO driver. EBUSY: somebody has it open.
    /// EACCES: the node may not be opened. EPERM: a no-IOMMU group, and CAP_SYS_RAWIO is missing.
    /// </exception>
    public static VfioGroup Open(IVfioKernel kernel, int number)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        string path = string.Create(CultureInfo.InvariantCulture, $"/dev/vfio/{number}");
        KernelResult opened = kernel.Open(path, OpenMode.ReadWrite);
        if (opened.IsError) VfioException.Throw(opened, Refusals.Open, path);
        return new VfioGroup(new KernelFile(kernel, (int)opened.Value, $"group {number}"), number);
    }

    /// <summary>Opens the group a device is in, found by its <c>iommu_group</c> link in sysfs.</summary>
    /// <exception cref="VfioException">
    /// ENOENT: no such device, or it has no IOMMU group, or none of the group is bound to a VFIO driver. And what
    /// <see cref="Open(IVfioKernel, int)"/> says.
    /// </exception>
    public static VfioGroup Open(IVfioKernel kernel, PciAddress device) => Open(kernel, SysfsGroups.FindNumber(kernel, device));

    /// <summary>A group that somebody else opened, whose descriptor was passed to this process. It stays theirs to close.</summary>
    /// <param name="kernel">The kernel it is of.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="number">The group's number, for messages and sysfs: the kernel does not tell it of a descriptor.</param>
    public static VfioGroup FromDescriptor(IVfioKernel kernel, int descriptor, int number)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        return new VfioGroup(new KernelFile(kernel, descriptor, $"group {number} (descriptor {descriptor})", closes: false), number);
    }

    /// <summary>The number of the group that a device is in, by its <c>iommu_group</c> link in sysfs.</summary>
    /// <exception cref="VfioException">ENOENT: no such device, or it has no IOMMU group.</exception>
    public static int FindNumber(IVfioKernel kernel, PciAddress device) => SysfsGroups.FindNumber(kernel, device);

    /// <summary>The group's devices and their drivers, read from sysfs now.</summary>
    /// <exception cref="VfioException">sysfs could not be read.</exception>
    public IReadOnlyList<GroupMember> ListMembers()
    {
        ThrowIfDisposed();
        return SysfsGroups.ListMembers(Kernel, Number);
    }

    /// <summary>Whether the group can be used; if not, which devices and drivers stand in the way, and the remedy.</summary>
    /// <exception cref="VfioException">The kernel refused, or sysfs could not be read.</exception>
    public GroupViability ExplainViability() => GroupViability.Explain(Number, IsViable, ListMembers());

    /// <summary>UNSET_CONTAINER: takes the group out of its container.</summary>
    /// <exception cref="VfioException">EINVAL: it is in none. EBUSY: a device of it is open.</exception>
    public void LeaveContainer()
    {
        ThrowIfDisposed();
        VfioException.ThrowIfError(_file.Ioctl(VfioIoctl.GroupUnsetContainer, 0), Refusals.UnsetContainer, _file);
        _file.ExchangeParent(null)?.Release();
    }

    /// <summary>GROUP_GET_DEVICE_FD: opens a device of the group.</summary>
    /// <exception cref="VfioException">
    /// ENODEV: no such device in the group, or not bound to a VFIO driver. EINVAL: no container with an IOMMU.
    /// </exception>
    public VfioDevice OpenDevice(PciAddress address)
    {
        ThrowIfDisposed();
        string name = address.ToString();
        Span<byte> text = stackalloc byte[name.Length + 1];
        Encoding.ASCII.GetBytes(name, text);
        text[^1] = 0;
        _file.Acquire();
        KernelResult opened = _file.Ioctl(VfioIoctl.GroupGetDeviceFd, text);
        if (opened.IsError)
        {
            _file.Release();
            VfioException.Throw(opened, Refusals.GetDeviceFd, $"group {Number} (device {name})");
        }

        return VfioDevice.Create(new KernelFile(Kernel, (int)opened.Value, $"device {name}", parent: _file), address);
    }

    /// <summary>Lets go of the group; it closes when its devices are disposed too.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _file.Release();
    }

    /// <inheritdoc/>
    public override string ToString() => _file.Description;

    /// <summary>GROUP_SET_CONTAINER. The group keeps the container open from here on.</summary>
    internal void Enter(KernelFile container)
    {
        ThrowIfDisposed();
        container.Acquire();
        int descriptor = container.Descriptor;
        KernelResult result = _file.Ioctl(VfioIoctl.GroupSetContainer, ref descriptor);
        if (result.IsError)
        {
            container.Release();
            throw ExplainRefusal(result);
        }

        _file.ExchangeParent(container)?.Release();
    }

    /// <summary>
    /// EPERM of SET_CONTAINER has causes that only sysfs tells: adds them. What sysfs does not give is left out.
    /// </summary>
    private VfioException ExplainRefusal(KernelResult refusal)
    {
        VfioException plain = VfioException.Create(refusal, Refusals.SetContainer, _file.Description);
        if (refusal.Errno != Errno.EPERM) return plain;
        try
        {
            GroupViability viability = ExplainViability();
            if (viability.IsViable) return plain;
            string reason = refusal.Reason is null ? viability.Explanation : $"{refusal.Reason.TrimEnd('.')}; {viability.Explanation}";
            return new VfioException(Refusals.SetContainer, _file.Description, refusal.Errno, reason, viability.Remedy);
        }
        catch (VfioException)
        {
            return plain;
        }
    }

    private uint GetStatus()
    {
        ThrowIfDisposed();
        var status = new VfioGroupStatus { Argsz = (uint)Unsafe.SizeOf<VfioGroupStatus>() };
        VfioException.ThrowIfError(_file.Ioctl(VfioIoctl.GroupGetStatus, ref status), Refusals.GetStatus, _file);
        return status.Flags;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
