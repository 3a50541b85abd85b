// SPDX-License-Identifier: MIT
using VfioSharp.Devices.Snapshots;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;

namespace VfioSharp.Devices.Tests;

public sealed class SnapshotDeviceTests
{
    private static DeviceDescription Card() => Machine.Device(
        "snapshot", "f41a10110301000001000005000000000060b0fe", 256,
        new PciBar(0, 0xfeb06000, 0x100, 0x40200), new PciBar(2, 0xfce00000, 0x1000, 0x14220c)) with
    {
        MemoryBars = [2],
        Registers =
        [
            new RegisterDescription(0, 8, new byte[] { 1, 2, 3, 4 }, Writable: false),
            new RegisterDescription(0, 16, new byte[] { 5 }, Writable: true),
        ],
    };

    [Fact]
    public void Registers_answer_their_data_and_zeros_around()
    {
        var card = new SnapshotDevice(Card());
        Assert.Equal(0x04030201_00000000UL, card.ReadBar(0, 4, 8));
        Assert.Equal(0x0302UL, card.ReadBar(0, 9, 2));
    }

    [Fact]
    public void Only_writable_registers_and_memory_keep_what_is_written()
    {
        var card = new SnapshotDevice(Card());
        card.WriteBar(0, 8, 8, ulong.MaxValue);
        card.WriteBar(0, 16, 4, ulong.MaxValue);
        byte[] read = new byte[8];
        Assert.True(card.Memory!.Write(2, 0xff8, [1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.True(card.Memory.Read(2, 0xff8, read));
        Assert.Equal(0x04030201UL, card.ReadBar(0, 8, 8));
        Assert.Equal(0xffUL, card.ReadBar(0, 16, 4));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], read);
    }

    [Theory]
    [InlineData(ConfigEmulation.Hardware, 5)]
    [InlineData(ConfigEmulation.Qemu, 0xff)]
    public void A_reset_brings_writable_registers_back_where_hardware_is_emulated(ConfigEmulation emulation, ulong after)
    {
        var card = new SnapshotDevice(Card() with { Emulation = emulation });
        card.WriteBar(0, 16, 1, 0xff);
        card.Reset(PciResetMethod.Flr);
        Assert.Equal(after, card.ReadBar(0, 16, 1));
    }

    [Fact]
    public void Bar_registers_answer_a_sizing_probe()
    {
        var card = new SnapshotDevice(Card());
        card.WriteConfig(0x10, 4, uint.MaxValue);
        card.WriteConfig(0x18, 4, uint.MaxValue);
        card.WriteConfig(0x1c, 4, uint.MaxValue);
        Assert.Equal(0xffffff00u, card.ReadConfig(0x10, 4));
        Assert.Equal(0xfffff000u, card.ReadConfig(0x18, 4));
        Assert.Equal(uint.MaxValue, card.ReadConfig(0x1c, 4));
    }

    [Theory]
    [InlineData(0x00, 0x11101af4u)]
    [InlineData(0x08, 0x05000001u)]
    [InlineData(0x2c, 0u)]
    public void Identity_is_read_only(int offset, uint value)
    {
        var card = new SnapshotDevice(Card());
        card.WriteConfig(offset, 4, uint.MaxValue);
        Assert.Equal(value, card.ReadConfig(offset, 4));
    }

    [Fact]
    public void Command_keeps_the_bits_that_QEMUs_devices_have()
    {
        var card = new SnapshotDevice(Card());
        card.WriteConfig(4, 2, 0xffff);
        Assert.Equal(0x0507u, card.ReadConfig(4, 2));
    }

    [Fact]
    public void Bytes_outside_capabilities_follow_the_emulation()
    {
        var qemu = new SnapshotDevice(Card());
        var hardware = new SnapshotDevice(Card() with { Emulation = ConfigEmulation.Hardware });
        qemu.WriteConfig(0x60, 4, 0xdeadbeef);
        hardware.WriteConfig(0x60, 4, 0xdeadbeef);
        Assert.Equal(0xdeadbeefu, qemu.ReadConfig(0x60, 4));
        Assert.Equal(0u, hardware.ReadConfig(0x60, 4));
    }

    [Theory]
    [InlineData(ConfigEmulation.Hardware, 0x00, 0u)]
    [InlineData(ConfigEmulation.Hardware, 0x08, 0xfeb06000u)]
    [InlineData(ConfigEmulation.Qemu, 0x00, 0xfeb06000u)]
    public void Function_without_No_Soft_Reset_loses_its_state_between_D3hot_and_D0(ConfigEmulation emulation, byte control, uint bar)
    {
        string config = "f41a10110300100001000005" + "00000000" + "0060b0fe" + new string('0', 64) + "40000000" + new string('0', 16) + "01000300" + control.ToString("x2", System.Globalization.CultureInfo.InvariantCulture) + "000000";
        var card = new SnapshotDevice(Machine.Device("snapshot", config, 256, new PciBar(0, 0xfeb06000, 0x100, 0x40200)) with { Emulation = emulation });
        card.WriteConfig(0x44, 2, 3u | control);
        Assert.Equal(0xfeb06000u, card.ReadConfig(0x10, 4));
        card.WriteConfig(0x44, 2, control);
        Assert.Equal(bar, card.ReadConfig(0x10, 4));
    }
}
