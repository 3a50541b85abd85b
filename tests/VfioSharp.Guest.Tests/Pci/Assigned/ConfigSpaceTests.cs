// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class ConfigSpaceTests
{
    private const uint ConfigRegion = 7;

    [Fact]
    public void Reads_are_the_kernels_where_nothing_is_emulated()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        machine.Kernel.Take();
        Assert.Equal(0x10d38086u, device.ReadConfig(0, 4));
        Assert.Equal(["read region 7 0x0+4"], machine.Kernel.Take());
    }

    [Fact]
    public void Emulated_registers_ask_nobody()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        machine.Kernel.Take();
        device.ReadConfig(0x10, 4);
        device.ReadConfig(0x30, 4);
        device.ReadConfig(0xd2, 2);
        device.ReadConfig(0xa2, 2);
        Assert.Empty(machine.Kernel.Take());
    }

    [Fact]
    public void No_address_of_the_host_is_seen_at_start()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Assert.Equal([0u, 0, 1, 0, 0, 0], Enumerable.Range(0, 6).Select(bar => device.ReadConfig(0x10 + (4 * bar), 4)));
        Assert.Equal(0u, device.ReadConfig(0x30, 4));
    }

    [Theory]
    [InlineData("host=2:0.0", 0u)]
    [InlineData("host=2:0.0,multifunction=on", 0x80u)]
    [InlineData("host=3:0.0,multifunction=on", 0x80u)]
    public void Multifunction_bit_is_the_guests_also_in_a_read_of_four_bytes(string options, uint expected)
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add(options);
        Assert.Equal(expected, device.ReadConfig(0xe, 1));
        Assert.Equal(expected, (device.ReadConfig(0xc, 4) >> 16) & 0xff);
    }

    [Fact]
    public void Failed_read_gives_ones_and_a_warning()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Kernel.ReadAnswer = (region, _, _) => region == ConfigRegion ? KernelResult.FailSilently(Errno.EIO) : null;
        Assert.Equal(0xffffu, device.ReadConfig(0, 2));
        Assert.Contains("register 0x0 failed with EIO", Assert.Single(machine.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Short_configuration_space_fails_the_device()
    {
        using var machine = new PciMachine();
        machine.Kernel.ReadAnswer = (region, _, bytes) => region == ConfigRegion ? KernelResult.Ok(bytes.Length - 1) : null;
        Assert.Contains("256 bytes, and reading them answered 255", Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=3:0.0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_write_goes_to_the_kernel()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Kernel.Take();
        device.WriteConfig(0x3c, 1, 11);
        device.WriteConfig(0x10, 4, 0xe0000000);
        Assert.Equal(["write region 7 0x3c+1", "write region 7 0x10+4"], machine.Kernel.Take());
        Assert.Equal(11u, device.ReadConfig(0x3c, 1));
    }

    [Fact]
    public void Write_that_does_not_change_the_enable_bit_sets_no_interrupts()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        device.WriteConfig(0x42, 2, 0);
        machine.Kernel.Take();
        device.WriteConfig(0x42, 2, 0);
        device.WriteConfig(0x44, 4, 0xfee00000);
        Assert.DoesNotContain(machine.Kernel.Take(), call => call.StartsWith("DEVICE_SET_IRQS", StringComparison.Ordinal));
    }

    [Fact]
    public void Capabilities_keep_their_places_and_order()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Assert.Equal([(0xc8, 1u), (0xd0, 5u), (0xe0, 0x10u), (0xa0, 0x11u)], Capabilities(device));
    }

    [Fact]
    public void Machine_without_messages_shows_no_MSI_capabilities()
    {
        using var machine = new PciMachine(hasMessages: false);
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Assert.Equal([(0xc8, 1u), (0xe0, 0x10u)], Capabilities(device));
        Assert.Equal((0, 0), (device.MsiVectors, device.MsixVectors));
    }

    [Fact]
    public void Device_whose_only_capabilities_are_hidden_has_no_list()
    {
        using var machine = new PciMachine(hasMessages: false);
        AssignedPciDevice device = machine.Add("host=3:0.0");
        Assert.Equal((0u, 0u), (device.ReadConfig(0x34, 1), device.ReadConfig(6, 2) & 0x10));
    }

    [Fact]
    public void List_that_loops_is_refused_with_address_capability_and_position()
    {
        using var machine = new PciMachine();
        machine.Kernel.ReadAnswer = (region, offset, bytes) =>
        {
            if (region == ConfigRegion && offset == 0 && bytes.Length == 256) bytes[0x41] = 0x40;
            return null;
        };
        Assert.Contains("capability 0x05 of 0000:03:00.0 at 0x40", Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=3:0.0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Capability_that_does_not_fit_is_refused_with_its_size()
    {
        using var machine = new PciMachine();
        machine.Kernel.ReadAnswer = (region, offset, bytes) =>
        {
            if (region != ConfigRegion || offset != 0 || bytes.Length != 256) return null;
            (bytes[0x34], bytes[0xf8], bytes[0xf9]) = (0xf8, 5, 0);
            bytes[0xfa] = 0x80;
            return null;
        };
        Assert.Contains("at 0xf8 has 14 bytes, and there are 8", Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=3:0.0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Virtual_functions_and_their_routing_are_not_shown()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=7:0.0");
        Assert.Equal(0x1000, device.ConfigSize);
        Assert.Equal(1u, device.ReadConfig(0x100, 4) & 0xffff);
        Assert.Equal(0u, device.ReadConfig(0x100, 4) >> 20);
    }

    [Fact]
    public void Extended_capabilities_keep_their_places()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Assert.Equal((1u, 0x140u), (device.ReadConfig(0x100, 4) & 0xffff, device.ReadConfig(0x100, 4) >> 20));
        Assert.Equal((3u, 0u), (device.ReadConfig(0x140, 4) & 0xffff, device.ReadConfig(0x140, 4) >> 20));
    }

    [Fact]
    public void Hidden_capability_at_the_head_of_the_extended_list_leaves_its_place()
    {
        using var machine = new PciMachine();
        machine.Kernel.ReadAnswer = (region, offset, bytes) =>
        {
            if (region == ConfigRegion && offset == 0 && bytes.Length == 0x1000) bytes[0x100] = 0x10;
            return null;
        };
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Assert.Equal(0x14000000u, device.ReadConfig(0x100, 4));
    }

    [Fact]
    public void Endpoint_on_a_root_bus_is_an_integrated_one()
    {
        using var express = new PciMachine(isExpress: true);
        using var conventional = new PciMachine();
        Assert.Equal(9u, (express.Add("host=1:0.0").ReadConfig(0x82, 2) >> 4) & 0xf);
        Assert.Equal(0u, (conventional.Add("host=1:0.0").ReadConfig(0x82, 2) >> 4) & 0xf);
    }

    [Fact]
    public void Bus_reads_ones_beyond_the_space_and_where_no_device_is()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        Assert.Equal(uint.MaxValue, machine.Bus.ReadConfig(device.Function, 0x100, 4));
        Assert.Equal(0xffu, machine.Bus.ReadConfig(0x50, 0, 1));
        machine.Kernel.Take();
        machine.Bus.WriteConfig(device.Function, 0xfe, 4, 0);
        Assert.Empty(machine.Kernel.Take());
    }

    private static List<(int Position, uint Id)> Capabilities(AssignedPciDevice device)
    {
        var found = new List<(int, uint)>();
        for (int at = (int)device.ReadConfig(0x34, 1); at != 0; at = (int)device.ReadConfig(at + 1, 1)) found.Add((at, device.ReadConfig(at, 1)));
        return found;
    }
}
