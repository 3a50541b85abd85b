// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Tests.Memory;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Containers;

/// <summary>Groups of each kind of machine on one bus with a window.</summary>
public sealed class SharingTests
{
    [Theory]
    [InlineData("x86", "0000:03:00.0", "0000:00:03.0", 1)]
    [InlineData("powernv9-64k", "0000:01:00.0", "0001:01:00.0", 1)]
    [InlineData("pseries-64k", "0000:00:01.0", "0001:00:01.0", 2)]
    public void Two_host_groups_work_on_one_bus_whether_the_host_lets_them_share_or_not(string name, string first, string second, int containers)
    {
        using var machine = new GuestMachine(name);
        using GuestAddressSpace bus = AddBus(machine, out TestWindow window);
        PciAddress one = Open(machine, first, bus), two = Open(machine, second, bus);
        window.Set(0x1000, 0x2000, DmaAccess.ReadWrite);
        Assert.Equal(containers, machine.Devices.Containers.Count);
        Assert.Equal(DmaAccess.ReadWrite, machine.Translate(one, 0x1000));
        Assert.Equal(DmaAccess.ReadWrite, machine.Translate(two, 0x1000));
        Assert.Empty(machine.Failures);
    }

    [Theory]
    [InlineData("powernv", "0003:01:00.0", "0003:01:01.0")]
    [InlineData("pseries", "0003:00:01.0", "0003:00:02.0")]
    public void Group_with_a_host_driver_is_refused_naming_the_device_its_driver_and_the_remedy(string name, string device, string blocking)
    {
        using var machine = new GuestMachine(name);
        using GuestAddressSpace bus = AddBus(machine, out _);
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Open(machine, device, bus));
        Assert.Contains("is not viable", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{blocking} (e1000e)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{blocking} > /sys/bus/pci/devices/{blocking}/driver/unbind", refusal.Remedy, StringComparison.Ordinal);
        Assert.Empty(machine.Kernel.OpenDescriptors);
        Assert.Equal(0, machine.Kernel.Count(VfioIoctl.GroupSetContainer));
    }

    private static PciAddress Open(GuestMachine machine, string device, GuestAddressSpace bus)
    {
        Assert.True(PciAddress.TryParse(device, out PciAddress address));
        return machine.Devices.Open(address, bus).Address;
    }

    private static GuestAddressSpace AddBus(GuestMachine machine, out TestWindow window)
    {
        machine.AddRam(0, 0x10000);
        var root = new ContainerRegion(machine.Topology, "pci.0", ulong.MaxValue);
        window = new TestWindow(machine.Topology, 0x4000_0000, machine.Memory);
        root.Add(window, 0);
        return new GuestAddressSpace(machine.Topology, root);
    }
}
