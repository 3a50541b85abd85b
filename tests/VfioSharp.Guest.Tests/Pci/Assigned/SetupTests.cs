// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class SetupTests
{
    [Fact]
    public void Device_is_found_by_sysfsdev_as_by_host()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("sysfsdev=/sys/bus/pci/devices/0000:03:00.0");
        Assert.Equal(PciMachine.Edu, device.Host);
        Assert.Equal(0x11e81234u, device.ReadConfig(0, 4));
    }

    [Fact]
    public void Device_goes_where_addr_says_or_to_the_first_free_slot()
    {
        using var machine = new PciMachine();
        AssignedPciDevice placed = machine.Add("host=3:0.0,id=a,addr=3.1");
        AssignedPciDevice free = machine.Add("host=4:0.0,id=b");
        Assert.Equal((0x19, 8), (placed.Function, free.Function));
        Assert.Same(placed, machine.Bus.Find(0x19));
    }

    [Fact]
    public void Place_that_is_taken_is_refused_with_its_owner()
    {
        using var machine = new PciMachine();
        machine.Add("host=3:0.0,id=a,addr=3");
        var refused = Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=4:0.0,id=b,addr=3"));
        Assert.Contains("taken by a", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_bus_is_refused_with_the_right_one()
    {
        using var machine = new PciMachine();
        var refused = Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=3:0.0,bus=pci.7"));
        Assert.Contains("pci.0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Same_device_twice_is_refused_and_the_first_goes_on()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0,id=a");
        Assert.Contains("already attached", Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=3:0.0,id=b")).Message, StringComparison.Ordinal);
        Assert.Equal(0x11e81234u, device.ReadConfig(0, 4));
        Assert.Equal([device], machine.Bus.Devices);
    }

    [Theory]
    [InlineData(VfioIoctl.DeviceGetRegionInfo)]
    [InlineData(VfioIoctl.DeviceSetIrqs)]
    public void Failure_at_start_undoes_every_step(uint failing)
    {
        using var machine = new PciMachine();
        int before = machine.Kernel.OpenDescriptors.Count();
        machine.Kernel.Answer = (request, _) => request == failing ? KernelResult.Fail(Errno.EIO, "broken for the test") : null;
        var refused = Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=3:0.0,id=edu0"));
        Assert.Contains("broken for the test", refused.Message, StringComparison.Ordinal);
        Assert.Empty(machine.Bus.Devices);
        Assert.Empty(machine.Devices.All);
        Assert.Empty(machine.HostDevices.Containers);
        Assert.Equal(before, machine.Kernel.OpenDescriptors.Count());
        Assert.Equal(0, machine.Events.Listening);
    }

    [Fact]
    public void Device_that_failed_can_be_assigned_afterwards()
    {
        using var machine = new PciMachine();
        machine.Kernel.Answer = (request, _) => request == VfioIoctl.DeviceSetIrqs ? KernelResult.FailSilently(Errno.EIO) : null;
        Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=3:0.0"));
        machine.Kernel.Answer = null;
        Assert.Equal(AssignedInterruptMode.Intx, machine.Add("host=3:0.0").InterruptMode);
    }

    [Fact]
    public void Status_shows_back_end_group_owner_and_acceleration_of_each_device()
    {
        using var machine = new PciMachine(new FakeAcceleration());
        machine.Add("host=3:0.0,id=edu0,bootindex=1");
        AssignedDeviceStatus status = Assert.Single(machine.Devices.Describe());
        Assert.Equal(("edu0", PciMachine.Edu, 15, "guest"), (status.Id, status.Host, status.Group, status.Owner));
        Assert.Equal((AssignedInterruptMode.Intx, 1, 1, "fake KVM"), (status.Interrupts, status.Vectors, status.Accelerated, status.Acceleration));
        Assert.StartsWith("software host x86", status.BackEnd, StringComparison.Ordinal);
        Assert.Equal(1, status.BootIndex);
    }

    [Fact]
    public void Group_descriptor_passed_in_is_used_and_stays_its_owners()
    {
        using var machine = new PciMachine();
        int descriptor = (int)machine.Kernel.Open("/dev/vfio/15", OpenMode.ReadWrite).Value;
        machine.Kernel.Take();
        machine.Bus.Remove(machine.Add($"host=3:0.0,fd={descriptor}"));
        Assert.DoesNotContain("open /dev/vfio/15", machine.Kernel.Take());
        Assert.Contains(descriptor, machine.Kernel.OpenDescriptors);
        machine.Kernel.Close(descriptor);
    }

    [Fact]
    public void Two_devices_need_different_ids()
    {
        using var machine = new PciMachine();
        machine.Add("host=3:0.0,id=a");
        Assert.Contains("id=a", Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=4:0.0,id=a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hot_plugged_device_is_reset_at_once()
    {
        using var machine = new PciMachine();
        machine.Devices.Add("vfio-pci,host=3:0.0", machine.Bus, isRunning: true);
        Assert.Contains("DEVICE_RESET", machine.Kernel.Take());
    }
}
