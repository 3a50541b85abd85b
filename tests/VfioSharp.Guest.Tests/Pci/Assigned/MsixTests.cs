// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

/// <summary>MSI-X of the xHCI controller: 16 vectors, capability at 0x90, table at 0x3000 and pending bits at 0x3800 of BAR 0.</summary>
public sealed class MsixTests
{
    private const ulong Table = PciMachine.BarAddress + 0x3000;
    private const uint Enable = 0x8000;
    private const uint MaskAll = 0x4000;

    [Fact]
    public void Enabling_shows_the_device_at_once_with_no_vector_in_use()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Assert.Equal(["INTx off", "MSI-X trigger 0: -"], SetIrqs(machine));
        Assert.Equal((AssignedInterruptMode.Msix, 0), (device.InterruptMode, device.Describe().Vectors));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Enabling_sets_vectors_that_are_not_masked_in_one_call(bool fixedSize)
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize);
        device.WriteConfig(0x92, 2, 0);
        Use(machine, 1);
        Use(machine, 3);
        machine.Kernel.Take();
        device.WriteConfig(0x92, 2, Enable);
        Assert.Equal(["INTx off", "MSI-X trigger 0: -e-e"], SetIrqs(machine));
        Assert.Equal(2, device.Describe().Vectors);
    }

    [Fact]
    public void Vector_without_an_eventfd_is_a_warning()
    {
        using var machine = new PciMachine();
        Enabled(machine, fixedSize: true);
        machine.Kernel.RefusesEvents = true;
        Use(machine, 2);
        Assert.Contains("MSI-X 2 has no interrupts", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        machine.Kernel.RefusesEvents = false;
        Use(machine, 1);
        Assert.Equal([0x101u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Index_of_fixed_size_grows_by_being_set_up_anew_and_unused_vectors_have_no_eventfd()
    {
        using var machine = new PciMachine();
        Enabled(machine, fixedSize: true);
        machine.Kernel.Take();
        Use(machine, 2);
        Assert.Equal(["MSI-X off", "MSI-X trigger 0: --e"], SetIrqs(machine));
        Use(machine, 4);
        Assert.Equal(["MSI-X off", "MSI-X trigger 0: --e-e"], SetIrqs(machine));
    }

    [Fact]
    public void After_growth_every_used_vector_is_notified_once()
    {
        using var machine = new PciMachine();
        Enabled(machine, fixedSize: true);
        Use(machine, 1);
        Use(machine, 2);
        machine.Messages.Clear();
        Use(machine, 5);
        Assert.Equal([0x101u, 0x102u, 0x105u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Index_that_can_grow_sets_one_vector()
    {
        using var machine = new PciMachine();
        Enabled(machine, fixedSize: false);
        machine.Kernel.Answer = (request, argument) => request == VfioIoctl.DeviceSetIrqs && argument[8] == VfioPciIrqIndex.Msix ? KernelResult.Success : null;
        Use(machine, 1);
        machine.Kernel.Take();
        machine.Messages.Clear();
        Use(machine, 7);
        Assert.Equal(["MSI-X trigger 7: e"], SetIrqs(machine));
        Assert.Equal([0x107u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Vector_within_range_is_set_alone_and_notified_once()
    {
        using var machine = new PciMachine();
        Enabled(machine, fixedSize: true);
        Use(machine, 3);
        machine.Kernel.Take();
        machine.Messages.Clear();
        Use(machine, 1);
        Assert.Equal(["MSI-X trigger 1: e"], SetIrqs(machine));
        Assert.Equal([0x101u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Interrupts_arrive_as_the_tables_messages()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Use(machine, 1);
        Use(machine, 2);
        machine.Messages.Clear();
        Assert.True(machine.Host.InjectInterrupt(device.Host, 2).IsSuccess);
        Assert.Equal(1, machine.Deliver());
        Assert.Equal([new MsiMessage(PciMachine.MessageWindow, 0x102)], machine.Messages);
    }

    [Fact]
    public void Masked_vector_is_taken_from_the_kernel_and_comes_back_notified()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Use(machine, 1);
        machine.Kernel.Take();
        machine.Messages.Clear();
        machine.Write32(Table + 16 + 12, 1);
        Assert.Equal(["MSI-X trigger 1: -"], SetIrqs(machine));
        machine.Host.InjectInterrupt(device.Host, 1);
        machine.Deliver();
        Assert.Empty(machine.Messages);
        machine.Write32(Table + 16 + 12, 0);
        Assert.Equal(["MSI-X trigger 1: e"], SetIrqs(machine));
        Assert.Equal([0x101u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Function_mask_releases_all_vectors_and_lifting_it_uses_them_again()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Use(machine, 0);
        Use(machine, 1);
        machine.Kernel.Take();
        device.WriteConfig(0x92, 2, Enable | MaskAll);
        Assert.Equal(["MSI-X trigger 0: -", "MSI-X trigger 1: -"], SetIrqs(machine));
        Assert.Equal(0, device.Describe().Vectors);
        device.WriteConfig(0x92, 2, Enable);
        Assert.Equal(["MSI-X trigger 0: e", "MSI-X trigger 1: e"], SetIrqs(machine));
    }

    [Fact]
    public void Guest_sees_its_own_table()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=4:0.0");
        machine.Place(device);
        Assert.Equal((16, 1u), (device.MsixVectors, machine.Read32(Table + (15 * 16) + 12)));
        machine.Kernel.Take();
        machine.Write32(Table + 8, 0x1234);
        Assert.Equal(0x1234u, machine.Read32(Table + 8));
        Assert.Empty(machine.Kernel.Take());
    }

    [Fact]
    public void Pending_bits_are_the_devices_own()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=4:0.0,id=usb,x-no-mmap=on"));
        machine.Kernel.Take();
        machine.Read32(Table + 0x800);
        Assert.Equal(["read region 0 0x3800+4"], machine.Kernel.Take());
    }

    [Fact]
    public void Disabling_frees_all_vectors_and_returns_to_INTx()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Use(machine, 0);
        Use(machine, 1);
        machine.Kernel.Take();
        device.WriteConfig(0x92, 2, 0);
        Assert.Equal(["MSI-X off", "INTx trigger 0: e"], SetIrqs(machine));
        Assert.Equal((AssignedInterruptMode.Intx, 3), (device.InterruptMode, machine.Events.Listening));
        device.WriteConfig(0x92, 2, Enable);
        Assert.Equal(2, device.Describe().Vectors);
    }

    [Fact]
    public void Host_with_fewer_vectors_keeps_those_it_has()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Use(machine, 1);
        machine.Kernel.Answer = (request, argument) => request == VfioIoctl.DeviceSetIrqs && argument[8] == VfioPciIrqIndex.Msix && argument[16] > 4 ? KernelResult.Ok(4) : null;
        machine.Kernel.Take();
        Use(machine, 6);
        Assert.Equal(["MSI-X off", "MSI-X trigger 0: -e----e", "MSI-X trigger 0: -e--"], SetIrqs(machine));
        Assert.Contains("7 MSI-X vectors cannot be enabled (4)", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        machine.Messages.Clear();
        machine.Host.InjectInterrupt(device.Host, 1);
        machine.Deliver();
        Assert.Equal([0x101u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Growth_that_is_refused_leaves_the_vectors_there_were()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Use(machine, 1);
        machine.Kernel.Answer = (request, argument) =>
            request == VfioIoctl.DeviceSetIrqs && argument[8] == VfioPciIrqIndex.Msix && argument[16] > 2 ? KernelResult.FailSilently(Errno.ENOSPC) : null;
        Use(machine, 6);
        machine.Messages.Clear();
        machine.Host.InjectInterrupt(device.Host, 1);
        machine.Deliver();
        Assert.Equal([0x101u], machine.Messages.Select(message => message.Data));
    }

    [Fact]
    public void Firmware_sets_messages_for_the_guest()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        device.SetMessage(isMsix: true, 0, PciMachine.MessageWindow, 0x77);
        Assert.Equal([0x77u], machine.Messages.Select(message => message.Data));
        Assert.Equal(0x77u, machine.Read32(Table + 8));
    }

    [Fact]
    public void Acceleration_delivers_each_used_vector()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        AssignedPciDevice device = Enabled(machine, fixedSize: true);
        Use(machine, 1);
        Use(machine, 2);
        Assert.Equal(["message 0x101 to 0xfee00000", "message 0x102 to 0xfee00000"], acceleration.Delivered.Values);
        Assert.Equal((2, 2), (device.Describe().Vectors, device.Describe().Accelerated));
        machine.Write32(Table + 16 + 12, 1);
        Assert.Single(acceleration.Delivered);
    }

    [Fact]
    public void Growth_signals_accelerated_vectors_too()
    {
        var acceleration = new FakeAcceleration();
        using var machine = new PciMachine(acceleration);
        Enabled(machine, fixedSize: true);
        Use(machine, 1);
        machine.Messages.Clear();
        Use(machine, 2);
        Assert.Equal([0x101u, 0x102u], machine.Messages.Select(message => message.Data));
    }

    private static AssignedPciDevice Enabled(PciMachine machine, bool fixedSize)
    {
        machine.Kernel.Change = (request, argument) =>
        {
            if (request != VfioIoctl.DeviceGetIrqInfo || argument[8] != VfioPciIrqIndex.Msix) return;
            ref VfioIrqInfo info = ref MemoryMarshal.AsRef<VfioIrqInfo>(argument);
            info.Flags = fixedSize ? info.Flags | VfioIrqInfoFlags.Noresize : info.Flags & ~VfioIrqInfoFlags.Noresize;
        };
        AssignedPciDevice device = machine.Add("host=4:0.0,id=usb");
        machine.Place(device);
        machine.Kernel.Take();
        device.WriteConfig(0x92, 2, Enable);
        return device;
    }

    // As a driver does: the message, then the mask.
    private static void Use(PciMachine machine, int vector)
    {
        ulong entry = Table + ((ulong)vector * 16);
        machine.Write32(entry, (uint)PciMachine.MessageWindow);
        machine.Write32(entry + 4, 0);
        machine.Write32(entry + 8, 0x100 + (uint)vector);
        machine.Write32(entry + 12, 0);
    }

    private static IEnumerable<string> SetIrqs(PciMachine machine) => machine.Kernel.Take()
        .Where(call => call.StartsWith("DEVICE_SET_IRQS ", StringComparison.Ordinal)).Select(call => call["DEVICE_SET_IRQS ".Length..]);
}
