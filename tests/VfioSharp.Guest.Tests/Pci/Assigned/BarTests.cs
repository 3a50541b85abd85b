// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class BarTests
{
    private const ulong At = PciMachine.BarAddress;

    [Fact]
    public void Bars_have_the_devices_kinds_and_sizes()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0,rombar=0");
        Assert.Equal(
            [(0, BarKind.Memory, 0x20000ul), (1, BarKind.Memory, 0x20000ul), (2, BarKind.Ports, 0x20ul), (3, BarKind.Memory, 0x4000ul)],
            device.Bars.Select(bar => (bar.Index, bar.Kind, bar.Size)));
    }

    [Fact]
    public void Bar_of_64_bits_takes_the_next_register()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=4:0.0");
        Assert.Equal([(0, BarKind.Memory64)], device.Bars.Select(bar => (bar.Index, bar.Kind)));
        device.WriteConfig(0x10, 4, uint.MaxValue);
        device.WriteConfig(0x14, 4, uint.MaxValue);
        Assert.Equal((0xffffc004u, uint.MaxValue), (device.ReadConfig(0x10, 4), device.ReadConfig(0x14, 4)));
        device.WriteConfig(0x10, 4, 0);
        device.WriteConfig(0x14, 4, 0x20);
        device.WriteConfig(4, 2, 2);
        Assert.Equal(0x08001040_00000040ul >> 32, machine.Read32(0x20_0000_0004));
    }

    [Fact]
    public void Bar_is_sized_by_writing_ones()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        for (int bar = 0; bar < 6; bar++) device.WriteConfig(0x10 + (4 * bar), 4, uint.MaxValue);
        Assert.Equal(
            [0xfffe0000u, 0xfffe0000u, 0xffffffe1u, 0xffffc000u, 0u, 0u],
            Enumerable.Range(0, 6).Select(bar => device.ReadConfig(0x10 + (4 * bar), 4)));
    }

    [Fact]
    public void Bar_appears_where_the_guest_places_it_while_it_decodes()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0,id=edu0");
        Assert.Equal("nothing", machine.At(At));
        machine.Place(device);
        Assert.Equal(0x010000edu, machine.Read32(At));
        device.WriteConfig(0x10, 4, (uint)At + 0x100000);
        Assert.Equal(("nothing", 0x010000edu), (machine.At(At), machine.Read32(At + 0x100000)));
        device.WriteConfig(4, 2, 0);
        Assert.Equal("nothing", machine.At(At + 0x100000));
    }

    [Fact]
    public void Moved_bar_is_one_change_for_those_who_follow_the_memory()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Place(device);
        var changes = new CountingListener();
        machine.Memory.AddListener(changes);
        device.WriteConfig(0x10, 4, (uint)At + 0x100000);
        Assert.Equal(2, changes.Commits);
    }

    [Fact]
    public void Bar_is_mapped_where_the_kernel_lets_it_be()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        Assert.Equal("edu0 BAR 0 (mapped at 0x0)", machine.At(At));
        machine.Kernel.Take();
        machine.Write32(At + 4, 7);
        Assert.Equal(~7u, machine.Read32(At + 4));
        Assert.Empty(machine.Kernel.Take());
    }

    [Fact]
    public void Slow_bar_is_read_and_written_by_calls_little_endian()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=3:0.0,id=edu0,x-no-mmap=on"));
        Assert.Equal("edu0 BAR 0 (slow)", machine.At(At));
        machine.Kernel.Take();
        machine.Write32(At + 4, 7);
        Assert.Equal(~7u, machine.Read32(At + 4));
        Assert.Equal(["write region 0 0x4+4", "read region 0 0x4+4"], machine.Kernel.Take());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Slow_access_has_the_width_of_the_guests(int width)
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=3:0.0,x-no-mmap=on"));
        machine.Kernel.Take();
        machine.Memory.Load(new GuestPhysicalAddress(At + 0x80), width, out _);
        Assert.Equal([$"read region 0 0x80+{width}"], machine.Kernel.Take());
    }

    [Fact]
    public void Failed_slow_read_gives_ones_and_a_warning()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=3:0.0,x-no-mmap=on"));
        machine.Kernel.ReadAnswer = (_, _, _) => KernelResult.FailSilently(Errno.EIO);
        Assert.Equal(uint.MaxValue, machine.Read32(At));
        Assert.Contains("BAR 0: reading 4 bytes at 0x0 failed with EIO", Assert.Single(machine.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_mmap_is_a_warning_and_the_device_works()
    {
        using var machine = new PciMachine();
        machine.Kernel.RefusesMappings = true;
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        Assert.Contains("BAR 0: mmap of 0x100000 bytes", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        Assert.Equal(0x010000edu, machine.Read32(At));
    }

    [Fact]
    public void Ports_are_slow_since_the_kernel_does_not_flag_them()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Assert.DoesNotContain(machine.Kernel.Take(), call => call.StartsWith("mmap region 2", StringComparison.Ordinal));
        device.WriteConfig(0x18, 4, 0x1000);
        device.WriteConfig(4, 2, 1);
        machine.Kernel.Take();
        machine.Ports.Load(new GuestPhysicalAddress(0x1004), 4, out _);
        Assert.Equal(["read region 2 0x4+4"], machine.Kernel.Take());
    }

    [Fact]
    public void Table_in_a_bar_that_may_be_mapped_whole_lies_over_the_mapping()
    {
        using var machine = new PciMachine();
        machine.Place(machine.Add("host=4:0.0,id=usb"));
        Assert.Contains("mmap region 0 0x0+0x4000", machine.Kernel.Take());
        Assert.Equal(
            ("usb BAR 0 (mapped at 0x0)", "usb MSI-X table", "usb BAR 0 (mapped at 0x0)"),
            (machine.At(At), machine.At(At + 0x30ff), machine.At(At + 0x3100)));
    }

    [Fact]
    public void Table_at_the_end_leaves_the_part_before_it_mapped()
    {
        using var machine = new PciMachine();
        machine.Kernel.Change = WithoutMsixMappable;
        machine.Place(machine.Add("host=4:0.0,id=usb"));
        Assert.Equal(["mmap region 0 0x0+0x3000"], machine.Kernel.Take().Where(call => call.StartsWith("mmap", StringComparison.Ordinal)));
        Assert.Equal(
            ("usb BAR 0 (mapped at 0x0)", "usb MSI-X table", "usb BAR 0 (slow)"),
            (machine.At(At + 0x2fff), machine.At(At + 0x3000), machine.At(At + 0x3100)));
    }

    [Fact]
    public void Parts_beside_the_table_are_whole_pages_of_the_host()
    {
        using var machine = new PciMachine();
        machine.Kernel.Change = WithoutMsixMappable;
        machine.Kernel.LargerPage = 0x2000;
        machine.Add("host=4:0.0");
        Assert.Equal(["mmap region 0 0x0+0x2000"], machine.Kernel.Take().Where(call => call.StartsWith("mmap", StringComparison.Ordinal)));
    }

    [Fact]
    public void Table_at_the_start_leaves_the_part_behind_it_mapped()
    {
        using var machine = new PciMachine();
        machine.Kernel.Change = WithoutMsixMappable;
        machine.Place(machine.Add("host=5:0.0,id=nic"), bar: 3);
        Assert.Equal(["mmap region 3 0x1000+0x3000"], machine.Kernel.Take().Where(call => call.StartsWith("mmap region 3", StringComparison.Ordinal)));
        Assert.Equal(
            ("nic MSI-X table", "nic BAR 3 (slow)", "nic BAR 3 (mapped at 0x1000)"),
            (machine.At(At), machine.At(At + 0xfff), machine.At(At + 0x1000)));
    }

    [Fact]
    public void Table_in_the_middle_leaves_two_parts_mapped()
    {
        using var machine = new PciMachine();
        machine.Kernel.Change = WithoutMsixMappable;
        machine.Add("host=1:0.0");
        Assert.Equal(["mmap region 0 0x0+0x2000", "mmap region 0 0x3000+0x1000"], machine.Kernel.Take().Where(call => call.StartsWith("mmap", StringComparison.Ordinal)));
    }

    [Fact]
    public void Small_bar_alone_in_its_page_is_shown_a_page_large_where_the_guest_aligns_it()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=0:a.0,id=shm");
        Assert.Contains("mmap region 0 0x0+0x1000", machine.Kernel.Take());
        machine.Place(device);
        Assert.Equal("shm BAR 0 (mapped at 0x0)", machine.At(At + 0xfff));
        device.WriteConfig(0x10, 4, (uint)At + 0x100);
        Assert.Equal(("nothing", "shm BAR 0 (mapped at 0x0)", "nothing"), (machine.At(At + 0xff), machine.At(At + 0x100), machine.At(At + 0x200)));
    }

    [Fact]
    public void Expanded_bar_lies_below_others_in_its_page()
    {
        using var machine = new PciMachine();
        AssignedPciDevice small = machine.Add("host=0:a.0,id=shm");
        AssignedPciDevice other = machine.Add("host=6:1.0,id=conv");
        machine.Place(small);
        machine.Place(other, bar: 1, At + 0x100);
        Assert.Equal(("shm BAR 0 (mapped at 0x0)", "conv BAR 1 (mapped at 0x0)"), (machine.At(At), machine.At(At + 0x100)));
    }

    [Fact]
    public void Bar_too_small_to_be_mapped_is_slow_with_a_warning()
    {
        using var machine = new PciMachine();
        machine.Kernel.Change = WithoutMmap;
        machine.Add("host=0:a.0");
        Assert.Contains(machine.Warnings, warning => warning.StartsWith("BAR 0 has 0x100 bytes, too few to be mapped", StringComparison.Ordinal));
    }

    [Fact]
    public void Unplug_unmaps_each_part()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=1:0.0,id=disk");
        machine.Place(device);
        machine.Bus.Remove(device);
        Assert.Equal("nothing", machine.At(At));
        Assert.DoesNotContain(device.Bars, bar => bar.Address is not null);
    }

    private sealed class CountingListener : IMemoryListener
    {
        public int Commits { get; private set; }

        public void Begin()
        {
        }

        public void RegionAdded(in MemorySection section)
        {
        }

        public void RegionRemoved(in MemorySection section)
        {
        }

        public void Commit() => Commits++;
    }

    private static void WithoutMsixMappable(uint request, Span<byte> argument)
    {
        if (request == VfioIoctl.DeviceGetRegionInfo) MemoryMarshal.AsRef<VfioRegionInfo>(argument).Flags &= ~VfioRegionInfoFlags.Caps;
    }

    private static void WithoutMmap(uint request, Span<byte> argument)
    {
        if (request == VfioIoctl.DeviceGetRegionInfo) MemoryMarshal.AsRef<VfioRegionInfo>(argument).Flags &= ~VfioRegionInfoFlags.Mmap;
    }
}
