// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Containers;

/// <summary>Groups and containers on the x86 machine.</summary>
public sealed class HostDevicesTests : IDisposable
{
    private static readonly PciAddress s_edu = new(0, 3, 0, 0);
    private static readonly PciAddress s_other = new(0, 0, 3, 0);

    // Two functions of one group.
    private static readonly PciAddress s_first = new(0, 2, 0, 0);
    private static readonly PciAddress s_second = new(0, 2, 0, 1);

    private readonly GuestMachine _machine = new();

    public HostDevicesTests() => _machine.AddRam(0, 0x10000);

    private WatchedKernel Kernel => _machine.Kernel;

    private HostDevices Devices => _machine.Devices;

    [Fact]
    public void Open_device_that_is_not_there_says_so()
    {
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(new PciAddress(0, 0x66, 0, 0), _machine.Memory));
        Assert.Contains("no host device 0000:66:00.0", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.Remedy);
    }

    [Fact]
    public void Open_device_without_iommu_group_says_so()
    {
        Kernel.HidesGroups = true;
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_edu, _machine.Memory));
        Assert.Contains("device 0000:03:00.0 has no iommu_group", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_device_twice_is_already_attached_and_names_whose_it_is()
    {
        Devices.Open(s_edu, _machine.Memory);
        string message = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_edu, _machine.Memory)).Message;
        Assert.Contains("already attached", message, StringComparison.Ordinal);
        Assert.Contains("guest", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_of_one_group_open_it_once()
    {
        OpenedDevice first = Devices.Open(s_first, _machine.Memory);
        OpenedDevice second = Devices.Open(s_second, _machine.Memory);
        Assert.Equal(first.GroupNumber, second.GroupNumber);
        Assert.Single(Kernel.Opened, $"/dev/vfio/{first.GroupNumber}");
        Assert.Equal(1, Kernel.Count(VfioIoctl.GroupSetContainer));
    }

    [Fact]
    public void Group_stays_in_use_while_a_device_of_it_is()
    {
        OpenedDevice first = Devices.Open(s_first, _machine.Memory);
        OpenedDevice second = Devices.Open(s_second, _machine.Memory);
        Devices.Close(first);
        Assert.Equal(0, Kernel.Count(VfioIoctl.GroupUnsetContainer));
        Assert.Equal(DmaAccess.ReadWrite, _machine.Translate(s_second, 0x1000));
        Devices.Close(second);
        Assert.Equal(1, Kernel.Count(VfioIoctl.GroupUnsetContainer));
    }

    [Fact]
    public void Groups_of_one_bus_share_a_container()
    {
        OpenedDevice first = Devices.Open(s_edu, _machine.Memory);
        OpenedDevice second = Devices.Open(s_other, _machine.Memory);
        Assert.NotEqual(first.GroupNumber, second.GroupNumber);
        Assert.Same(first.Container, second.Container);
        Assert.Single(Kernel.Opened, VfioContainer.NodePath);
        Assert.Equal(1, Kernel.Count(VfioIoctl.SetIommu));
    }

    [Fact]
    public void Container_that_refuses_a_group_is_left_for_a_new_one()
    {
        OpenedDevice first = Devices.Open(s_edu, _machine.Memory);
        int asked = 0;
        Kernel.Answer = (request, _) => request == VfioIoctl.GroupSetContainer && asked++ == 0 ? KernelResult.FailSilently(Errno.EINVAL) : null;
        OpenedDevice second = Devices.Open(s_other, _machine.Memory);
        Assert.NotSame(first.Container, second.Container);
        Assert.Equal(DmaAccess.ReadWrite, _machine.Translate(s_other, 0));
    }

    [Fact]
    public void Container_is_set_up_in_the_order_of_the_calls_that_QEMU_makes()
    {
        Devices.Open(s_edu, _machine.Memory);
        Assert.Equal(
            [
                VfioIoctl.GroupGetStatus, VfioIoctl.GetApiVersion, VfioIoctl.CheckExtension, VfioIoctl.GroupSetContainer,
                VfioIoctl.SetIommu, VfioIoctl.IommuGetInfo, VfioIoctl.IommuGetInfo, VfioIoctl.IommuMapDma,
                VfioIoctl.GroupGetDeviceFd, VfioIoctl.DeviceGetInfo,
            ],
            Kernel.Requests.Take(10));
    }

    [Fact]
    public void Kernel_of_another_version_is_refused()
    {
        Kernel.Answer = (request, _) => request == VfioIoctl.GetApiVersion ? KernelResult.Ok(1) : null;
        AssertRefusedAndClosed("version 1");
    }

    [Fact]
    public void Kernel_without_a_known_model_is_refused()
    {
        Kernel.Answer = (request, _) => request == VfioIoctl.CheckExtension ? KernelResult.Ok(0) : null;
        AssertRefusedAndClosed("no IOMMU model");
    }

    [Theory]
    [InlineData(VfioIoctl.GroupGetStatus)]
    [InlineData(VfioIoctl.GroupSetContainer)]
    [InlineData(VfioIoctl.SetIommu)]
    [InlineData(VfioIoctl.IommuGetInfo)]
    [InlineData(VfioIoctl.IommuMapDma)]
    [InlineData(VfioIoctl.GroupGetDeviceFd)]
    [InlineData(VfioIoctl.DeviceGetInfo)]
    public void Refused_step_undoes_those_before_it(uint step)
    {
        Kernel.Answer = (request, _) => request == step ? KernelResult.Fail(Errno.EIO, "the test refuses") : null;
        AssertRefusedAndClosed("the test refuses");
        Kernel.Answer = null;
        Devices.Open(s_edu, _machine.Memory);
    }

    [Fact]
    public void Second_owner_of_a_group_is_refused_and_the_owner_named()
    {
        using var other = new Host.SoftwareKernel(_machine.Host, "another tool");
        using VfioGroup group = VfioGroup.Open(other, s_edu);
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_edu, _machine.Memory));
        Assert.Contains("another tool", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.Remedy);
    }

    [Fact]
    public void Device_that_cannot_be_opened_is_named_with_its_group_and_the_remedy()
    {
        Kernel.Answer = (request, _) => request == VfioIoctl.GroupGetDeviceFd ? KernelResult.FailSilently(Errno.ENODEV) : null;
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_edu, _machine.Memory));
        Assert.Contains("device 0000:03:00.0 of group", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("vfio-pci", refusal.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3U, 5U)]
    [InlineData(9U, 2U)]
    public void Device_with_fewer_regions_or_interrupts_than_a_PCI_device_is_refused(uint regions, uint interrupts)
    {
        Kernel.Change = (request, argument) => SetCounts(request, argument, regions, interrupts);
        AssertRefusedAndClosed($"{regions} regions and {interrupts} interrupts");
    }

    [Fact]
    public void Device_with_more_regions_than_are_known_is_taken()
    {
        Kernel.Change = (request, argument) => SetCounts(request, argument, 12, 6);
        Assert.Equal(12U, Devices.Open(s_edu, _machine.Memory).Device.RegionCount);
    }

    [Fact]
    public void Device_without_reset_is_taken_with_a_warning()
    {
        Kernel.Change = (request, argument) =>
        {
            if (request == VfioIoctl.DeviceGetInfo) MemoryMarshal.AsRef<VfioDeviceInfo>(argument).Flags &= ~VfioDeviceFlags.Reset;
        };
        Assert.Contains("cannot be reset", Devices.Open(s_edu, _machine.Memory).Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Last_device_leaves_nothing_behind()
    {
        OpenedDevice device = Devices.Open(s_edu, _machine.Memory);
        Devices.Close(device);
        Assert.Empty(Kernel.OpenDescriptors);
        Assert.Null(_machine.Peek(s_edu, 0));
        Assert.Empty(Devices.Containers);
        _machine.AddRam(0x100000, 0x1000);
        Assert.Equal(1, Kernel.Count(VfioIoctl.IommuMapDma));
    }

    [Fact]
    public void Refused_leaving_is_told_and_the_rest_is_still_closed()
    {
        OpenedDevice device = Devices.Open(s_edu, _machine.Memory);
        Kernel.Answer = (request, _) => request == VfioIoctl.GroupUnsetContainer ? KernelResult.FailSilently(Errno.EBUSY) : null;
        Devices.Close(device);
        DmaFailure failure = Assert.Single(_machine.Failures);
        Assert.Equal((Errno.EBUSY, false), (failure.Errno, failure.IsFatal));
        Assert.Empty(Kernel.OpenDescriptors);
    }

    [Fact]
    public void Passed_group_descriptor_serves_all_devices_of_the_group_and_stays_open()
    {
        int number = VfioGroup.FindNumber(Kernel, s_first);
        int descriptor = (int)Kernel.Open($"/dev/vfio/{number}", OpenMode.ReadWrite).Value;
        OpenedDevice first = Devices.Open(s_first, _machine.Memory, descriptor);
        OpenedDevice second = Devices.Open(s_second, _machine.Memory, descriptor);
        Assert.Same(first.Group, second.Group);
        Devices.Close(first);
        Devices.Close(second);
        Assert.Equal([descriptor], Kernel.OpenDescriptors);
        Assert.False(VfioGroup.FromDescriptor(Kernel, descriptor, number).IsInContainer);
    }

    [Fact]
    public void Passed_descriptor_of_a_wrong_group_is_refused_and_undone()
    {
        int descriptor = (int)Kernel.Open($"/dev/vfio/{VfioGroup.FindNumber(Kernel, s_other)}", OpenMode.ReadWrite).Value;
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_edu, _machine.Memory, descriptor));
        Assert.Contains($"descriptor {descriptor}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"/dev/vfio/{VfioGroup.FindNumber(Kernel, s_edu)}", refusal.Remedy, StringComparison.Ordinal);
        Assert.Equal([descriptor], Kernel.OpenDescriptors);
    }

    [Fact]
    public void Passed_descriptor_that_is_known_as_another_groups_is_refused_with_both()
    {
        int number = VfioGroup.FindNumber(Kernel, s_other);
        int descriptor = (int)Kernel.Open($"/dev/vfio/{number}", OpenMode.ReadWrite).Value;
        Devices.Open(s_other, _machine.Memory, descriptor);
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_edu, _machine.Memory, descriptor));
        Assert.Contains($"of group {number}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Group_on_a_second_bus_is_refused_with_device_bus_and_remedy()
    {
        using var other = new GuestAddressSpace(_machine.Topology, new ContainerRegion(_machine.Topology, "pci.1", ulong.MaxValue));
        Devices.Open(s_first, _machine.Memory);
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_second, other));
        Assert.Contains("device 0000:02:00.1 cannot be on bus pci.1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("memory", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_on_two_buses_have_two_containers()
    {
        using var other = new GuestAddressSpace(_machine.Topology, new ContainerRegion(_machine.Topology, "pci.1", ulong.MaxValue));
        OpenedDevice first = Devices.Open(s_edu, _machine.Memory);
        OpenedDevice second = Devices.Open(s_other, other);
        Assert.NotSame(first.Container, second.Container);
        Assert.Equal(DmaAccess.None, _machine.Translate(s_other, 0));
    }

    [Theory]
    [InlineData("/sys/bus/pci/devices/0000:03:00.0")]
    [InlineData("/sys/bus/pci/devices/0000:03:00.0/")]
    public void Device_is_found_by_its_folder_in_sysfs(string path) => Assert.Equal(s_edu, Devices.Resolve(path));

    [Fact]
    public void Folder_of_no_device_is_refused() =>
        Assert.Throws<DeviceAssignmentException>(() => Devices.Resolve("/sys/kernel/iommu_groups"));

    [Fact]
    public void Opened_device_says_back_end_group_and_owner()
    {
        OpenedDevice device = Devices.Open(s_edu, _machine.Memory);
        Assert.Equal(("software host x86", "guest", VfioGroup.FindNumber(Kernel, s_edu)), (device.BackEnd, device.Owner, device.GroupNumber));
    }

    public void Dispose() => _machine.Dispose();

    private static void SetCounts(uint request, Span<byte> argument, uint regions, uint interrupts)
    {
        if (request != VfioIoctl.DeviceGetInfo) return;
        ref VfioDeviceInfo info = ref MemoryMarshal.AsRef<VfioDeviceInfo>(argument);
        (info.NumRegions, info.NumIrqs) = (regions, interrupts);
    }

    private void AssertRefusedAndClosed(string why)
    {
        string message = Assert.Throws<DeviceAssignmentException>(() => Devices.Open(s_edu, _machine.Memory)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.Empty(Kernel.OpenDescriptors);
        Assert.Empty(Devices.Devices);
        Assert.Empty(Devices.Containers);
        Assert.Null(_machine.Peek(s_edu, 0));
    }
}
