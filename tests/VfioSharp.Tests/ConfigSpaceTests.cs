// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Tests;

public sealed class ConfigSpaceTests
{
    [Fact]
    public void Identity_is_read_from_the_header()
    {
        using var machine = new TestMachine();
        byte[] header = [0x34, 0x12, 0xe8, 0x11, 0, 0, 0, 0, 0x10, 0x01, 0x02, 0xff];
        header.CopyTo(machine.Kernel.Config, 0);
        VfioConfigSpace config = machine.Device.Config;
        Assert.Equal((0x1234, 0x11e8, 0x10, 0xff02), (config.VendorId, config.DeviceId, config.Revision, config.ClassCode));
    }

    [Fact]
    public void Enable_and_Disable_change_only_their_bits()
    {
        using var machine = new TestMachine();
        machine.Kernel.Config[4] = 0x03;
        machine.Device.Config.Enable(PciCommand.Master);
        Assert.Equal(0x07, machine.Kernel.Config[4]);
        machine.Device.Config.Disable(PciCommand.Memory);
        Assert.Equal(0x05, machine.Kernel.Config[4]);
    }

    [Fact]
    public void FindCapability_follows_the_chain()
    {
        using var machine = new TestMachine();
        byte[] config = machine.Kernel.Config;
        (config[6], config[0x34]) = (0x10, 0x40);
        (config[0x40], config[0x41]) = (0x01, 0x50);
        (config[0x50], config[0x51]) = (0x05, 0x00);
        Assert.Equal(0x50, machine.Device.Config.FindCapability(PciCapabilityId.Msi));
        Assert.Equal(0, machine.Device.Config.FindCapability(PciCapabilityId.MsiX));
    }

    [Fact]
    public void FindCapability_ends_on_a_chain_that_loops()
    {
        using var machine = new TestMachine();
        byte[] config = machine.Kernel.Config;
        (config[6], config[0x34], config[0x40], config[0x41]) = (0x10, 0x40, 0x01, 0x40);
        Assert.Equal(0, machine.Device.Config.FindCapability(PciCapabilityId.Msi));
    }

    [Fact]
    public void FindCapability_without_a_list_is_zero()
    {
        using var machine = new TestMachine();
        machine.Kernel.Config[0x34] = 0x40;
        machine.Kernel.Config[0x40] = 0x05;
        Assert.Equal(0, machine.Device.Config.FindCapability(PciCapabilityId.Msi));
    }

    [Fact]
    public void Offset_outside_throws()
    {
        using var machine = new TestMachine();
        Assert.Throws<ArgumentOutOfRangeException>(() => machine.Device.Config.Read32(-4));
        Assert.Throws<ArgumentOutOfRangeException>(() => machine.Device.Config.Read32(0xfe));
    }
}
