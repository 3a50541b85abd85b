// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class ResetTests
{
    private static readonly string[] s_hot = ["DEVICE_GET_PCI_HOT_RESET_INFO", "DEVICE_PCI_HOT_RESET 1 groups"];

    [Fact]
    public void Function_that_resets_itself_does()
    {
        using var machine = new PciMachine();
        machine.Add("host=1:0.0");
        Assert.Equal(["DEVICE_RESET"], Reset(machine));
    }

    [Fact]
    public void Device_with_power_management_reset_only_has_its_bus_reset()
    {
        using var machine = new PciMachine();
        machine.Add("host=5:0.0");
        Assert.Equal(s_hot, Reset(machine));
    }

    [Fact]
    public void Bus_with_two_devices_of_the_machine_is_not_reset_for_one_of_them()
    {
        using var machine = new PciMachine();
        machine.Add("host=2:0.0,id=f0,addr=4.0,multifunction=on");
        machine.Add("host=2:0.1,id=f1,addr=4.1");
        machine.Kernel.Take();
        machine.Devices.All[0].Reset();
        Assert.Equal(["DEVICE_GET_PCI_HOT_RESET_INFO", "DEVICE_RESET"], ResetCalls(machine));
    }

    [Fact]
    public void Reset_of_the_machine_resets_a_shared_bus_once()
    {
        using var machine = new PciMachine();
        machine.Add("host=2:0.0,id=f0,addr=4.0,multifunction=on");
        machine.Add("host=2:0.1,id=f1,addr=4.1");
        machine.Kernel.Take();
        machine.Devices.ResetTogether();
        Assert.Equal(s_hot, ResetCalls(machine));
    }

    [Fact]
    public void Bus_with_a_device_of_another_group_needs_that_group()
    {
        using var machine = new PciMachine();
        machine.Add("host=5:0.0");
        machine.Kernel.Change = (request, argument) =>
        {
            // Another function of the bus, in a group that is not ours.
            if (request == VfioIoctl.DeviceGetPciHotResetInfo && argument.Length > 12) argument[12] = 99;
        };
        Assert.Equal(["DEVICE_GET_PCI_HOT_RESET_INFO", "DEVICE_RESET"], Reset(machine));
    }

    [Fact]
    public void Power_management_reset_is_the_last_resort()
    {
        using var machine = new PciMachine();
        machine.Add("host=5:0.0");
        machine.Kernel.Answer = (request, _) => request == VfioIoctl.DevicePciHotReset ? KernelResult.FailSilently(Errno.EBUSY) : null;
        Assert.Equal([.. s_hot, "DEVICE_RESET"], Reset(machine));
        Assert.Contains("EBUSY", Assert.Single(machine.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Device_that_cannot_be_reset_goes_on_with_a_warning()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Kernel.Answer = (request, _) => request is VfioIoctl.DeviceReset or VfioIoctl.DeviceGetPciHotResetInfo ? KernelResult.FailSilently(Errno.EINVAL) : null;
        Reset(machine);
        Assert.Contains("0000:03:00.0 cannot be reset", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        Assert.Equal(AssignedInterruptMode.Intx, device.InterruptMode);
    }

    [Fact]
    public void Device_without_its_own_reset_is_a_warning_at_start()
    {
        using var machine = new PciMachine();
        machine.Add("host=0:a.0");
        Assert.Contains("cannot be reset alone", Assert.Single(machine.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Reset_turns_decoding_DMA_and_messages_off_and_the_line_on()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Place(device);
        device.WriteConfig(0x42, 2, 1);
        Assert.Equal(AssignedInterruptMode.Msi, device.InterruptMode);
        machine.Bus.Reset();
        Assert.Equal((AssignedInterruptMode.Intx, 0u, 0u), (device.InterruptMode, device.ReadConfig(4, 2) & 7, device.ReadConfig(0x42, 2) & 1));
        Assert.Equal(("nothing", 0u), (machine.At(PciMachine.BarAddress), device.ReadConfig(0x10, 4)));
    }

    [Fact]
    public void Device_asleep_is_woken_before_its_reset()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=7:0.0");
        device.WriteConfig(0x44, 2, 3);
        machine.Kernel.Take();
        device.Reset();
        string[] calls = machine.Kernel.Take();
        Assert.Equal(
            ["read region 7 0x44+2", "write region 7 0x44+2", "read region 7 0x44+2", "read region 7 0x4+2", "write region 7 0x4+2", "DEVICE_RESET"],
            calls.SkipWhile(call => call.StartsWith("DEVICE_SET", StringComparison.Ordinal)).Take(6));
        Assert.Equal(0u, device.ReadConfig(0x44, 2) & 3);
    }

    private static string[] Reset(PciMachine machine)
    {
        machine.Kernel.Take();
        machine.Bus.Reset();
        return ResetCalls(machine);
    }

    private static string[] ResetCalls(PciMachine machine) => [.. machine.Kernel.Take().Where(call => call.Contains("RESET", StringComparison.Ordinal))];
}
