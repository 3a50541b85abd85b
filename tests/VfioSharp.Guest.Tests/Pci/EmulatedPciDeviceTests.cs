// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;

namespace VfioSharp.Guest.Tests.Pci;

public sealed class EmulatedPciDeviceTests
{
    private const ulong At = PciMachine.BarAddress;

    [Fact]
    public void Header_and_capabilities_are_what_the_device_says()
    {
        using var machine = new PciMachine();
        TestController device = Plug(machine);
        Assert.Equal((0x000d1b36u, 0x0c0330u), (device.ReadConfig(0, 4), device.ReadConfig(8, 4) >> 8));
        Assert.Equal((5u, 0x11u), (device.ReadConfig(0x40, 1), device.ReadConfig((int)device.ReadConfig(0x41, 1), 1)));
        Assert.Equal((4, 8), (device.MsiVectors, device.MsixVectors));
    }

    [Fact]
    public void Bar_is_sized_placed_and_taken_away_by_reset()
    {
        using var machine = new PciMachine();
        TestController device = Plug(machine);
        device.WriteConfig(0x10, 4, uint.MaxValue);
        Assert.Equal(0xfffff000u, device.ReadConfig(0x10, 4));
        Place(device);
        Assert.Equal(0x1234u, machine.Read32(At + 4));
        device.Reset();
        Assert.Equal("nothing", machine.At(At));
    }

    [Fact]
    public void Identity_cannot_be_written()
    {
        using var machine = new PciMachine();
        TestController device = Plug(machine);
        device.WriteConfig(0, 4, uint.MaxValue);
        Assert.Equal(0x000d1b36u, device.ReadConfig(0, 4));
    }

    [Fact]
    public void Line_follows_the_pin_unless_COMMAND_disables_it()
    {
        using var machine = new PciMachine();
        TestController device = Plug(machine);
        device.Raise(true);
        device.WriteConfig(4, 2, 0x400);
        device.WriteConfig(4, 2, 0);
        device.Raise(false);
        Assert.Equal(["3 up", "3 down", "3 up", "3 down"], machine.Lines);
    }

    [Fact]
    public void Messages_need_bus_mastering()
    {
        using var machine = new PciMachine();
        TestController device = Plug(machine);
        device.SetMessage(isMsix: false, 0, PciMachine.MessageWindow, 0x44);
        device.WriteConfig(0x42, 2, 1 | (1 << 4));
        Assert.True(device.Fire(1));
        Assert.Empty(machine.Messages);
        device.WriteConfig(4, 2, 4);
        device.Fire(1);
        Assert.Equal([new MsiMessage(PciMachine.MessageWindow, 0x45)], machine.Messages);
    }

    [Fact]
    public void Masked_MSIX_vector_is_pending_in_its_bit_until_unmasked()
    {
        using var machine = new PciMachine();
        TestController device = Plug(machine);
        Place(device);
        int msix = (int)device.ReadConfig(0x41, 1);
        device.WriteConfig(msix + 2, 2, 0x8000);
        machine.Write32(At + 0x800 + 48, (uint)PciMachine.MessageWindow);
        machine.Write32(At + 0x800 + 56, 0x33);
        Assert.True(device.Fire(3));
        Assert.Equal(8u, machine.Read32(At + 0xc00));
        machine.Write32(At + 0x800 + 60, 0);
        Assert.Equal([0x33u], machine.Messages.Select(message => message.Data));
        Assert.Equal(0u, machine.Read32(At + 0xc00));
    }

    [Fact]
    public void Without_messages_enabled_the_device_is_told()
    {
        using var machine = new PciMachine();
        Assert.False(Plug(machine).Fire(0));
    }

    [Fact]
    public void Dma_reaches_the_guests_memory_with_bus_mastering_only()
    {
        using var machine = new PciMachine();
        TestController device = Plug(machine);
        Assert.False(device.Store(0x1000, 7));
        device.WriteConfig(4, 2, 4);
        Assert.True(device.Store(0x1000, 7));
        Assert.Equal(7u, machine.Read32(0x1000));
        Assert.False(device.Store(0x8000_0000, 7));
    }

    private static TestController Plug(PciMachine machine)
    {
        var device = new TestController(machine.Topology);
        machine.Bus.Add(device, 3 << 3);
        return device;
    }

    private static void Place(TestController device)
    {
        device.WriteConfig(0x10, 4, (uint)At);
        device.WriteConfig(4, 2, 6);
    }

    private sealed class TestController(MemoryTopology topology) : EmulatedPciDevice("usb0", 0x1b36, 0xd, 0x0c0330), IMmioHandler
    {
        public ulong Read(ulong offset, int width) => offset == 4 ? 0x1234u : 0;

        public void Write(ulong offset, int width, ulong value)
        {
        }

        public void Raise(bool asserted) => SetIntx(asserted);

        public bool Fire(int vector) => Notify(vector);

        public bool Store(ulong address, byte value) => WriteDma(address, [value]);

        protected override void OnStart()
        {
            var bar = new ContainerRegion(topology, "usb0 BAR 0", 0x1000);
            bar.Add(new MmioRegion(topology, "usb0 registers", 0x1000, this), 0);
            SetInterruptPin(1);
            AddBar(new GuestBar(0, BarKind.Memory, 0x1000, bar));
            AddMsi(4);
            AddMsix(8, 0, bar, 0x800, 0xc00);
        }
    }
}
