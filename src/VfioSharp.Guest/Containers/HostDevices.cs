// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Containers;

/// <summary>
/// The host devices of a virtual machine, their groups and containers (hw/vfio/container.c): a group is opened once for
/// all its devices, and groups whose devices use one address space share a container where the host lets them.
/// </summary>
/// <remarks>Calls come one at a time, under the machine's own lock.</remarks>
public sealed class HostDevices : IDisposable
{
    // The ABI's fixed indexes: configuration space is the last region a PCI device must have, MSI-X the last interrupt.
    private const uint LeastRegions = 8;
    private const uint LeastInterrupts = 3;

    private readonly GuestAddressSpace _memory;
    private readonly Action<DmaFailure>? _failed;
    private readonly List<DmaContainer> _containers = [];
    private readonly List<HostGroup> _groups = [];

    /// <summary>No devices yet.</summary>
    /// <param name="kernel">Where the devices are; it stays the caller's.</param>
    /// <param name="memory">The guest's memory, as its processors see it: what POWER's containers register.</param>
    /// <param name="failed">Told of what fails while the guest runs; failures at start are thrown.</param>
    /// <param name="owner">The machine's name, for who asks whose a device is.</param>
    public HostDevices(IVfioKernel kernel, GuestAddressSpace memory, Action<DmaFailure>? failed = null, string owner = "guest")
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(memory);
        Kernel = kernel;
        _memory = memory;
        _failed = failed;
        Owner = owner;
    }

    /// <summary>Where the devices are.</summary>
    public IVfioKernel Kernel { get; }

    /// <summary>The machine's name.</summary>
    public string Owner { get; }

    /// <summary>All devices in use.</summary>
    public IEnumerable<OpenedDevice> Devices => _groups.SelectMany(group => group.Devices);

    /// <summary>All containers in use.</summary>
    public IReadOnlyList<DmaContainer> Containers => _containers;

    /// <summary>
    /// Error handling of the endpoint behind an address space; null unless exactly one container with exactly one group
    /// serves it: the kernel's calls are for a container as a whole (hw/ppc/spapr_pci_vfio.c: vfio_eeh_as_container).
    /// </summary>
    public SpaprErrorHandling? FindErrorHandling(GuestAddressSpace dma) =>
        _containers.FindAll(container => container.Dma == dma) is [{ Groups.Count: 1 } only] ? only.Container.Spapr?.ErrorHandling : null;

    /// <summary>The address of a device given by its folder in sysfs (<c>sysfsdev=</c>), which may be a link.</summary>
    /// <exception cref="DeviceAssignmentException">The path leads to no PCI device.</exception>
    public PciAddress Resolve(string sysfsPath)
    {
        ArgumentNullException.ThrowIfNull(sysfsPath);
        string path = sysfsPath.TrimEnd('/');
        if (Kernel.ReadLink(path, out string? target).IsSuccess) path = target!;
        if (PciAddress.TryParse(path[(path.LastIndexOf('/') + 1)..], out PciAddress address)) return address;
        throw new DeviceAssignmentException($"{sysfsPath} is no PCI device's folder", "Give one such as /sys/bus/pci/devices/0000:03:00.0");
    }

    /// <summary>Makes a host device the machine's.</summary>
    /// <param name="address">Where it is on the host.</param>
    /// <param name="dma">The address space its DMA is to use: that of the bus the guest finds it on.</param>
    /// <param name="groupDescriptor">
    /// A descriptor of its group that was opened by somebody else, for one or several of the group's devices; it stays
    /// theirs to close. Null: the group is opened here.
    /// </param>
    /// <exception cref="DeviceAssignmentException">It cannot be; what was done before is undone.</exception>
    public OpenedDevice Open(PciAddress address, GuestAddressSpace dma, int? groupDescriptor = null)
    {
        ArgumentNullException.ThrowIfNull(dma);
        int number = FindGroup(address);
        if (Devices.FirstOrDefault(device => device.Address == address) is { } attached)
            throw new DeviceAssignmentException($"device {address} is already attached: it is {attached.Owner}'s, through group {number} and {attached.Container}");

        HostGroup group = _groups.Find(known => known.Group.Number == number) is { } present
            ? Join(present, address, dma, groupDescriptor)
            : Enter(number, address, dma, groupDescriptor);
        try
        {
            VfioDevice device = OpenDevice(group, address);
            var opened = new OpenedDevice(device, group, Kernel.Name, Owner);
            group.Devices.Add(opened);
            return opened;
        }
        catch
        {
            if (group.Devices.Count == 0) Leave(group);
            throw;
        }
    }

    /// <summary>
    /// Gives a device back; with its last device a group leaves its container, and with its last group the container
    /// goes, after all that was mapped in it.
    /// </summary>
    public void Close(OpenedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.IsClosed) return;
        device.IsClosed = true;
        device.Device.Dispose();
        device.HostGroup.Devices.Remove(device);
        if (device.HostGroup.Devices.Count == 0) Leave(device.HostGroup);
    }

    /// <summary>Gives all devices back.</summary>
    public void Dispose()
    {
        foreach (OpenedDevice device in Devices.ToArray()) Close(device);
    }

    private int FindGroup(PciAddress address)
    {
        if (Kernel.ReadText($"/sys/bus/pci/devices/{address}/vendor", out _) is { IsError: true } missing)
            throw new DeviceAssignmentException($"there is no host device {address} ({missing})", "/sys/bus/pci/devices lists those there are; of a software host's machine 'vfio show' does");
        try
        {
            return VfioGroup.FindNumber(Kernel, address);
        }
        catch (VfioException exception)
        {
            throw new DeviceAssignmentException(
                $"device {address} has no iommu_group: {exception.Reason}", "Turn the IOMMU on (firmware, kernel command line), or choose a device behind it", exception);
        }
    }

    /// <summary>A further device of a group that is in use.</summary>
    private static HostGroup Join(HostGroup group, PciAddress address, GuestAddressSpace dma, int? descriptor)
    {
        if (group.Container.Dma != dma)
        {
            string others = string.Join(", ", group.Devices.Select(device => device.Address));
            throw new DeviceAssignmentException(
                $"device {address} cannot be on bus {dma}: its group {group.Group.Number} is used on bus {group.Container.Dma} already (by {others}), and a group has one address space",
                $"Put the device on bus {group.Container.Dma}, or all devices of group {group.Group.Number} on one bus");
        }

        if (descriptor is { } passed && group.Descriptor is null)
        {
            throw new DeviceAssignmentException(
                $"device {address} comes with descriptor {passed}, but group {group.Group.Number} was opened here for {group.Devices[0].Address}",
                "Pass the group's descriptor with each of its devices, or with none");
        }

        return group;
    }

    /// <summary>The first device of a group: opens it and puts it into a container.</summary>
    private HostGroup Enter(int number, PciAddress address, GuestAddressSpace dma, int? descriptor)
    {
        if (descriptor is { } used && _groups.Find(known => known.Descriptor == used) is { } other)
        {
            throw new DeviceAssignmentException(
                $"device {address} is of group {number}, but descriptor {used} is that of group {other.Group.Number}",
                $"Pass a descriptor of /dev/vfio/{number}");
        }

        VfioGroup? group = null;
        try
        {
            group = descriptor is { } passed ? VfioGroup.FromDescriptor(Kernel, passed, number) : VfioGroup.Open(Kernel, number);
            GroupViability viability = group.ExplainViability();
            if (!viability.IsViable) throw new DeviceAssignmentException($"device {address} cannot be used: {viability.Explanation}", viability.Remedy);
            var entered = new HostGroup(group, descriptor, Connect(group, address, dma));
            entered.Container.AddGroup(entered);
            _groups.Add(entered);
            return entered;
        }
        catch (VfioException exception)
        {
            group?.Dispose();
            throw new DeviceAssignmentException(
                $"device {address} cannot be used through group {number}: {exception.Message}", exception.Remedy, exception);
        }
        catch (DeviceAssignmentException)
        {
            group?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Each container of the address space is asked whether it takes the group, then a new one is made. The kernel
    /// refuses where their IOMMUs differ, or where endpoints cannot share windows. That it finds out by the windows there
    /// are: a container without any would take a group and then not get its next window.
    /// </summary>
    private DmaContainer Connect(VfioGroup group, PciAddress address, GuestAddressSpace dma)
    {
        foreach (DmaContainer container in _containers)
        {
            if (container.Dma != dma || container.Windows is { All.Count: 0 }) continue;
            try
            {
                container.Container.AddGroup(group);
                return container;
            }
            catch (VfioException exception) when (exception.Errno is not Errno.EBADF)
            {
                // The next one, or a new one, may take it: a refusal there is the one that counts.
            }
        }

        var made = DmaContainer.Create(group, address, dma, _memory, _failed);
        _containers.Add(made);
        return made;
    }

    private static VfioDevice OpenDevice(HostGroup group, PciAddress address)
    {
        VfioDevice device;
        try
        {
            device = group.Group.OpenDevice(address);
        }
        catch (VfioException exception) when (group.Descriptor is { } descriptor && exception.Errno is Errno.ENODEV)
        {
            throw new DeviceAssignmentException(
                $"descriptor {descriptor} has no device {address}: it is not that of group {group.Group.Number}, or the device is not bound to vfio-pci ({exception.Reason})",
                $"Pass a descriptor of /dev/vfio/{group.Group.Number}", exception);
        }
        catch (VfioException exception)
        {
            throw new DeviceAssignmentException(
                $"device {address} of group {group.Group.Number} cannot be opened: {exception.Message}",
                exception.Remedy ?? $"Bind {address} to vfio-pci and see that nobody else uses it", exception);
        }

        // At least those of a PCI device; there may be more.
        if (device.RegionCount >= LeastRegions && device.InterruptCount >= LeastInterrupts) return device;
        device.Dispose();
        throw new DeviceAssignmentException(
            $"device {address} has {device.RegionCount} regions and {device.InterruptCount} interrupts, a PCI device at least {LeastRegions} and {LeastInterrupts}: it is none, or its driver is not vfio-pci",
            $"Bind {address} to vfio-pci");
    }

    private void Leave(HostGroup group)
    {
        _groups.Remove(group);
        DmaContainer container = group.Container;
        container.RemoveGroup(group);
        if (container.Groups.Count == 0)
        {
            _containers.Remove(container);
            container.Release();
        }

        try
        {
            group.Group.LeaveContainer();
        }
        catch (VfioException exception)
        {
            // It goes on: closing the descriptors takes the group out, at the latest.
            _failed?.Invoke(new DmaFailure(container, default, 0, 0, exception.Errno, IsFatal: false, exception.Message));
        }

        group.Group.Dispose();
        if (container.Groups.Count == 0) container.Container.Dispose();
        else container.Replay();
    }
}
