// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pc;
using VfioSharp.Guest.Tests.Spapr;

namespace VfioSharp.Guest.Tests.Pc;

public sealed class EcamHostBridgeTests : IDisposable
{
    private const ulong Config = 0xb000_0000;

    private readonly GuestMachine _machine = new();
    private readonly EventLoop _events;
    private readonly EcamHostBridge _bridge;
    private readonly PlainDevice _device = new();
    private readonly List<string> _told = [];

    public EcamHostBridgeTests()
    {
        _machine.AddRam(0, 0x100000);
        _events = new EventLoop(_machine.Kernel, new Lock());
        _bridge = new EcamHostBridge(new EcamOptions(), _machine.Memory, new Told(_told), _events);
        _bridge.Bus.Add(_device, 5 << 3);
    }

    public void Dispose()
    {
        _events.Dispose();
        _machine.Dispose();
    }

    [Theory]
    [InlineData(5ul << 15, 4, 0x00011234ul)]
    [InlineData((5ul << 15) + 2, 2, 0x0001ul)]
    [InlineData(5ul << 15, 8, ulong.MaxValue)]
    [InlineData(6ul << 15, 4, 0xfffffffful)]
    [InlineData((5ul << 15) + 0x800, 4, 0xfffffffful)]
    public void Configuration_is_read_where_the_window_shows_it(ulong offset, int width, ulong value)
    {
        Assert.Equal(MemoryAccessResult.Done, _machine.Memory.Load(new GuestPhysicalAddress(Config + offset), width, out ulong read));
        Assert.Equal(value, read);
    }

    [Fact]
    public void Configuration_is_written()
    {
        Store((5 << 15) + 0x3c, 1, 0x77);
        Assert.Equal(0x77u, _device.ReadConfig(0x3c, 1));
    }

    [Fact]
    public void Device_reaches_the_guests_memory_at_its_own_addresses()
    {
        _machine.Memory.Store(new GuestPhysicalAddress(0x3000), 8, 0x0102030405060708);
        Store((5 << 15) + 4, 2, 6);
        byte[] read = new byte[8];
        Assert.True(_device.Read(0x3000, read));
        Assert.Equal([8, 7, 6, 5, 4, 3, 2, 1], read);
        Assert.False(_device.Read(0x10000000, read));
    }

    [Fact]
    public void Message_goes_to_the_interrupt_controller_as_the_guest_chose_it()
    {
        Store((5 << 15) + 4, 2, 6);
        Store((5 << 15) + 0x44, 4, 0xfee01000);
        Store((5 << 15) + 0x4c, 2, 0x4041);
        Store((5 << 15) + 0x42, 2, 0x81);
        Assert.True(_device.Interrupt(0));
        Assert.Equal([new MsiMessage(0xfee01000, 0x4041).ToString()], _told);
    }

    [Fact]
    public void Pins_of_slots_are_turned()
    {
        _device.Pin(true);
        _device.Pin(false);
        Assert.Equal(["17 True", "17 False"], _told);
    }

    private void Store(ulong offset, int width, ulong value) => Assert.Equal(MemoryAccessResult.Done, _machine.Memory.Store(new GuestPhysicalAddress(Config + offset), width, value));

    private sealed class Told(List<string> lines) : IInterruptController
    {
        public bool ReportsEndOfInterrupt => true;

        public void SetLevel(int interrupt, bool asserted) => lines.Add($"{interrupt} {asserted}");

        public void Deliver(MsiMessage message) => lines.Add(message.ToString());
    }
}
