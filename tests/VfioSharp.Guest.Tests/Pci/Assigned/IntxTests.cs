// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class IntxTests
{
    private const ulong At = PciMachine.BarAddress;
    private const ulong Raise = At + 0x60;
    private const ulong Acknowledge = At + 0x64;
    private const string Unmask = "DEVICE_SET_IRQS INTx unmask";

    [Fact]
    public void Device_without_a_pin_sets_nothing()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=0:a.0");
        Assert.Equal(AssignedInterruptMode.None, device.InterruptMode);
        Assert.DoesNotContain(machine.Kernel.Take(), call => call.StartsWith("DEVICE_SET_IRQS INTx", StringComparison.Ordinal));
    }

    [Fact]
    public void Interrupt_raises_the_guests_line_and_takes_mapped_bars_away()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        machine.Write32(Raise, 1);
        Assert.Empty(machine.Lines);
        Assert.Equal(1, machine.Deliver());
        Assert.Equal(["1 up"], machine.Lines);
        Assert.Equal("edu0 BAR 0 (slow)", machine.At(At));
    }

    [Fact]
    public void Access_ends_the_interrupt_and_one_that_the_device_still_asserts_comes_again()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        machine.Write32(Raise, 1);
        machine.Deliver();
        machine.Kernel.Take();
        machine.Read32(At + 0x24);
        Assert.Equal(["1 up", "1 down"], machine.Lines);
        Assert.Equal(["read region 0 0x24+4", Unmask], machine.Kernel.Take());
        machine.Deliver();
        Assert.Equal(["1 up", "1 down", "1 up"], machine.Lines);
        machine.Write32(Acknowledge, 1);
        Assert.Equal(0, machine.Deliver());
        Assert.Equal(["1 up", "1 down", "1 up", "1 down"], machine.Lines);
    }

    [Fact]
    public void Mapped_bars_come_back_when_the_time_is_over_and_nothing_is_pending()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        machine.Write32(Raise, 1);
        machine.Deliver();
        machine.Time.Elapse();
        Assert.Equal("edu0 BAR 0 (slow)", machine.At(At));
        Assert.Equal(1, machine.Time.Waiting);
        machine.Write32(Acknowledge, 1);
        Assert.Equal("edu0 BAR 0 (slow)", machine.At(At));
        machine.Time.Elapse();
        Assert.Equal("edu0 BAR 0 (mapped at 0x0)", machine.At(At));
    }

    [Fact]
    public void Time_out_of_zero_leaves_bars_slow_until_the_reset()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0,id=edu0,x-intx-mmap-timeout-ms=0");
        machine.Place(device);
        machine.Write32(Raise, 1);
        machine.Deliver();
        machine.Write32(Acknowledge, 1);
        Assert.Equal((0, "edu0 BAR 0 (slow)"), (machine.Time.Waiting, machine.At(At)));
        device.Reset();
        machine.Place(device);
        Assert.Equal("edu0 BAR 0 (mapped at 0x0)", machine.At(At));
    }

    [Fact]
    public void Machine_that_tells_the_end_of_interrupts_keeps_bars_mapped()
    {
        using var machine = new PciMachine { ReportsEndOfInterrupt = true };
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        machine.Write32(Raise, 1);
        machine.Deliver();
        Assert.Equal("edu0 BAR 0 (mapped at 0x0)", machine.At(At));
        machine.Write32(Acknowledge, 1);
        Assert.Equal(["1 up"], machine.Lines);
        machine.Bus.EndOfInterrupt(1);
        Assert.Equal(["1 up", "1 down"], machine.Lines);
        machine.Write32(Raise, 1);
        Assert.Equal(1, machine.Deliver());
    }

    [Fact]
    public void Machine_that_tells_the_end_of_interrupts_takes_no_access_for_it()
    {
        using var machine = new PciMachine { ReportsEndOfInterrupt = true };
        machine.Place(machine.Add("host=3:0.0,x-no-mmap=on"));
        machine.Write32(Raise, 1);
        machine.Deliver();
        machine.Read32(At + 0x24);
        Assert.Equal(["1 up"], machine.Lines);
    }

    [Fact]
    public void Spurious_end_of_interrupt_makes_no_call()
    {
        using var machine = new PciMachine { ReportsEndOfInterrupt = true };
        machine.Place(machine.Add("host=3:0.0"));
        machine.Kernel.Take();
        machine.Bus.EndOfInterrupt(1);
        machine.Bus.EndOfInterrupt(2);
        Assert.Empty(machine.Kernel.Take());
    }

    [Fact]
    public void Lines_swizzle_by_slot_and_devices_hold_one_up_together()
    {
        using var machine = new PciMachine { ReportsEndOfInterrupt = true };
        AssignedPciDevice first = machine.Add("host=3:0.0,id=a,addr=1");
        AssignedPciDevice second = machine.Add("host=0:3.0,id=b,addr=5");
        machine.Place(first);
        machine.Place(second, address: At + 0x100000);
        machine.Write32(Raise, 1);
        machine.Write32(Raise + 0x100000, 1);
        machine.Deliver();
        Assert.Equal(["1 up"], machine.Lines);
        first.Reset();
        Assert.Equal(["1 up"], machine.Lines);
        second.Reset();
        Assert.Equal(["1 up", "1 down"], machine.Lines);
    }

    [Fact]
    public void Same_route_makes_no_call()
    {
        using var machine = new PciMachine(new FakeAcceleration());
        machine.Add("host=3:0.0");
        machine.Kernel.Take();
        machine.Bus.IntxRoutesChanged();
        Assert.Empty(machine.Kernel.Take());
    }

    [Fact]
    public void Acceleration_masks_takes_over_sets_the_unmask_eventfd_and_unmasks()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        machine.Add("host=3:0.0");
        Assert.Equal(["add level 9"], acceleration.Calls);
        Assert.Equal(
            ["DEVICE_SET_IRQS INTx trigger 0: e", "DEVICE_SET_IRQS INTx mask", "DEVICE_SET_IRQS INTx unmask 0: e", Unmask],
            machine.Kernel.Take().Where(call => call.StartsWith("DEVICE_SET_IRQS INTx", StringComparison.Ordinal)));
    }

    [Fact]
    public void Accelerated_interrupt_passes_the_monitor_by_and_its_end_unmasks()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        int source = Assert.Single(acceleration.Delivered).Key;
        machine.Write32(Raise, 1);
        Assert.Equal(0, machine.Deliver());
        Assert.Equal("edu0 BAR 0 (mapped at 0x0)", machine.At(At));
        Assert.True(machine.Kernel.WaitEvent(source, 0, out _).IsSuccess);
        machine.Kernel.SignalEvent(acceleration.ResampleDescriptor, 1);
        Assert.True(machine.Kernel.WaitEvent(source, -1, out _).IsSuccess);
        Assert.Empty(machine.Lines);
    }

    [Fact]
    public void Hypervisor_that_refuses_leaves_the_line_with_the_monitor_unmasked()
    {
        var acceleration = new FakeAcceleration { RefusesLevel = true };
        using var machine = new PciMachine(acceleration);
        machine.Place(machine.Add("host=3:0.0"));
        Assert.Contains("taking the interrupt over failed", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        Assert.Equal(Unmask, machine.Kernel.Take().Last(call => call.StartsWith("DEVICE_SET_IRQS INTx", StringComparison.Ordinal)));
        machine.Write32(Raise, 1);
        machine.Deliver();
        Assert.Equal(["1 up"], machine.Lines);
    }

    [Fact]
    public void Device_that_refuses_its_unmask_eventfd_takes_the_interrupt_back()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        machine.Kernel.Answer = (request, argument) =>
            request == VfioIoctl.DeviceSetIrqs && argument[4] == (VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionUnmask) ? KernelResult.FailSilently(Errno.EINVAL) : null;
        machine.Place(machine.Add("host=3:0.0"));
        Assert.Equal(["add level 9", "remove level 9"], acceleration.Calls);
        machine.Write32(Raise, 1);
        machine.Deliver();
        Assert.Equal(["1 up"], machine.Lines);
    }

    [Fact]
    public void Hypervisor_without_level_interrupts_is_not_asked()
    {
        var acceleration = new FakeAcceleration { SupportsLevelInterrupts = false };
        using var machine = new PciMachine(acceleration);
        machine.Add("host=3:0.0");
        Assert.Empty(acceleration.Calls);
    }

    [Fact]
    public void Changed_route_moves_the_acceleration()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        machine.Add("host=3:0.0");
        machine.Kernel.Take();
        machine.Route = new IntxRoute(IntxRouteMode.Enabled, 11);
        machine.Bus.IntxRoutesChanged();
        Assert.Equal(["add level 9", "remove level 9", "add level 11"], acceleration.Calls);
        Assert.Equal(
            ["DEVICE_SET_IRQS INTx mask", Unmask, "DEVICE_SET_IRQS INTx mask", "DEVICE_SET_IRQS INTx unmask 0: e", Unmask],
            machine.Kernel.Take());
    }

    [Fact]
    public void Changed_route_ends_an_interrupt_whose_end_would_be_missed()
    {
        using var machine = new PciMachine { ReportsEndOfInterrupt = true };
        machine.Place(machine.Add("host=3:0.0"));
        machine.Write32(Raise, 1);
        machine.Deliver();
        machine.Kernel.Take();
        machine.Route = new IntxRoute(IntxRouteMode.Enabled, 11);
        machine.Bus.IntxRoutesChanged();
        Assert.Equal([Unmask], machine.Kernel.Take());
        Assert.Equal(["1 up", "1 down"], machine.Lines);
    }

    [Fact]
    public void Disabled_route_stops_at_the_monitor()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        machine.Add("host=3:0.0");
        machine.Route = new IntxRoute(IntxRouteMode.Disabled, 0);
        machine.Bus.IntxRoutesChanged();
        Assert.Equal(["add level 9", "remove level 9"], acceleration.Calls);
        Assert.Equal(0, Assert.Single(machine.Devices.Describe()).Accelerated);
    }

    [Fact]
    public void Interrupt_missed_by_the_acceleration_fires_again_when_it_ends()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        machine.Place(machine.Add("host=3:0.0"));
        machine.Write32(Raise, 1);
        machine.Kernel.WaitEvent(Assert.Single(acceleration.Delivered).Key, 0, out _);
        machine.Route = new IntxRoute(IntxRouteMode.Disabled, 0);
        machine.Bus.IntxRoutesChanged();
        machine.Deliver();
        Assert.Equal(["1 up"], machine.Lines);
    }
}
