// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

/// <summary>MSI of edu, whose capability is at 0x40: one vector, 64 bits of address.</summary>
public sealed class MsiTests
{
    private const uint Enable = 1;
    private static readonly MsiMessage s_message = new(PciMachine.MessageWindow, 0x41);

    [Fact]
    public void Enabling_turns_INTx_off_and_messages_arrive()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine);
        Assert.Equal(["DEVICE_SET_IRQS INTx off", "DEVICE_SET_IRQS MSI trigger 0: e"], SetIrqs(machine));
        Assert.Equal(AssignedInterruptMode.Msi, device.InterruptMode);
        machine.Write32(PciMachine.BarAddress + 0x60, 1);
        machine.Deliver();
        Assert.Equal([s_message], machine.Messages);
        Assert.Empty(machine.Lines);
    }

    [Fact]
    public void Capability_shows_the_devices_vectors_and_width()
    {
        using var machine = new PciMachine();
        WithVectors(machine, 3);
        AssignedPciDevice device = machine.Add("host=3:0.0");
        Assert.Equal(8, device.MsiVectors);
        Assert.Equal(0x86u, device.ReadConfig(0x42, 2));
    }

    [Fact]
    public void Fewer_vectors_than_asked_for_are_tried_again_and_told_to_the_guest()
    {
        using var machine = new PciMachine();
        WithVectors(machine, 3);
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Kernel.Take();
        machine.Kernel.Answer = (request, argument) => request != VfioIoctl.DeviceSetIrqs || argument[8] != VfioPciIrqIndex.Msi ? null
            : KernelResult.Ok(argument[16] > 2 ? 2 : 0);
        device.WriteConfig(0x42, 2, (3 << 4) | Enable);
        Assert.Equal(["DEVICE_SET_IRQS INTx off", "DEVICE_SET_IRQS MSI trigger 0: eeeeeeee", "DEVICE_SET_IRQS MSI trigger 0: ee"], SetIrqs(machine));
        Assert.Equal(1u, (device.ReadConfig(0x42, 2) >> 4) & 7);
        Assert.Equal(2, device.Describe().Vectors);
    }

    [Fact]
    public void Refusal_is_a_warning_and_leaves_no_vectors()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        int listening = machine.Events.Listening;
        machine.Kernel.Answer = (request, argument) => request == VfioIoctl.DeviceSetIrqs && argument[8] == VfioPciIrqIndex.Msi ? KernelResult.FailSilently(Errno.ENOSPC) : null;
        device.WriteConfig(0x42, 2, Enable);
        Assert.Contains("1 MSI vectors cannot be enabled (ENOSPC)", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        Assert.Equal((0, listening - 1), (device.Describe().Vectors, machine.Events.Listening));
        machine.Kernel.Answer = null;
        device.WriteConfig(0x42, 2, 0);
        Assert.Equal(AssignedInterruptMode.Intx, device.InterruptMode);
    }

    [Fact]
    public void Without_eventfds_there_are_no_vectors_and_a_warning()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Kernel.RefusesEvents = true;
        device.WriteConfig(0x42, 2, Enable);
        Assert.Contains("MSI 0 has no interrupts", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        device.WriteConfig(0x42, 2, 0);
        Assert.Contains("INTx cannot be enabled again (EMFILE", machine.Warnings[1], StringComparison.Ordinal);
        Assert.Equal(AssignedInterruptMode.None, device.InterruptMode);
    }

    [Fact]
    public void Disabling_clears_the_guests_count_and_returns_to_INTx()
    {
        using var machine = new PciMachine();
        WithVectors(machine, 3);
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Kernel.Answer = (request, argument) => request == VfioIoctl.DeviceSetIrqs && argument[8] == VfioPciIrqIndex.Msi ? KernelResult.Success : null;
        device.WriteConfig(0x42, 2, (2 << 4) | Enable);
        machine.Kernel.Take();
        device.WriteConfig(0x42, 2, 2 << 4);
        Assert.Equal(["DEVICE_SET_IRQS MSI off", "DEVICE_SET_IRQS INTx trigger 0: e"], SetIrqs(machine));
        Assert.Equal((0u, AssignedInterruptMode.Intx), ((device.ReadConfig(0x42, 2) >> 4) & 7, device.InterruptMode));
    }

    [Fact]
    public void Each_vector_sends_its_own_number()
    {
        using var machine = new PciMachine();
        WithVectors(machine, 2);
        AssignedPciDevice device = machine.Add("host=3:0.0");
        var events = new List<int>();
        machine.Kernel.Answer = (request, argument) =>
        {
            if (request != VfioIoctl.DeviceSetIrqs || argument[8] != VfioPciIrqIndex.Msi) return null;
            for (int i = 20; i < argument.Length; i += 4) events.Add(BitConverter.ToInt32(argument[i..]));
            return KernelResult.Success;
        };
        device.WriteConfig(0x44, 4, (uint)PciMachine.MessageWindow);
        device.WriteConfig(0x4c, 2, 0x47);
        device.WriteConfig(0x42, 2, (2 << 4) | Enable);
        machine.Kernel.SignalEvent(events[3], 1);
        machine.Kernel.SignalEvent(events[1], 1);
        machine.Deliver();
        Assert.Equal([0x45u, 0x47u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Masked_vector_is_pending_until_it_is_unmasked()
    {
        // igb's capability at 0x50 has mask bits, at 0x60; pending bits follow.
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=7:0.0");
        device.WriteConfig(4, 2, 4);
        device.WriteConfig(0x54, 4, (uint)PciMachine.MessageWindow);
        device.WriteConfig(0x5c, 2, 0x50);
        device.WriteConfig(0x60, 4, 1);
        device.WriteConfig(0x52, 2, Enable);
        Assert.True(machine.Host.InjectInterrupt(device.Host, 0).IsSuccess);
        machine.Deliver();
        Assert.Empty(machine.Messages);
        Assert.Equal(1u, device.ReadConfig(0x64, 4));
        device.WriteConfig(0x60, 4, 0);
        Assert.Equal([0x50u], machine.Messages.Select(message => message.Data));
        Assert.Equal(0u, device.ReadConfig(0x64, 4));
    }

    [Fact]
    public void Acceleration_delivers_messages_and_follows_their_changes()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        AssignedPciDevice device = Enabled(machine);
        Assert.Equal("message 0x41 to 0xfee00000", Assert.Single(acceleration.Delivered).Value);
        acceleration.Calls.Clear();
        device.WriteConfig(0x4c, 2, 0x42);
        device.WriteConfig(0x4c, 2, 0x42);
        Assert.Equal(["update route 1: 0x42 to 0xfee00000"], acceleration.Calls);
        device.WriteConfig(0x42, 2, 0);
        Assert.Contains("remove route 1", acceleration.Calls);
    }

    [Fact]
    public void Hypervisor_without_routes_leaves_messages_with_the_monitor()
    {
        using var machine = new PciMachine(new FakeAcceleration { RefusesMessages = true });
        AssignedPciDevice device = Enabled(machine);
        machine.Write32(PciMachine.BarAddress + 0x60, 1);
        machine.Deliver();
        Assert.Equal([s_message], machine.Messages);
        Assert.Equal(0, device.Describe().Accelerated);
    }

    private static AssignedPciDevice Enabled(PciMachine machine)
    {
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Place(device);
        device.SetMessage(isMsix: false, 0, s_message.Address, s_message.Data);
        machine.Kernel.Take();
        device.WriteConfig(0x42, 2, Enable);
        return device;
    }

    private static void WithVectors(PciMachine machine, int log) => machine.Kernel.ReadAnswer = (region, offset, bytes) =>
    {
        if (region == VfioPciRegionIndex.Config && offset == 0 && bytes.Length == 256) bytes[0x42] |= (byte)(log << 1);
        return null;
    };

    private static IEnumerable<string> SetIrqs(PciMachine machine) => machine.Kernel.Take().Where(call => call.StartsWith("DEVICE_SET_IRQS", StringComparison.Ordinal));
}
