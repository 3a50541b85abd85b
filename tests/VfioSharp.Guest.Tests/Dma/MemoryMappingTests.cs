// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Dma;

/// <summary>Memory of the guest that its devices see where it is: the x86 machine.</summary>
public sealed class MemoryMappingTests : IDisposable
{
    private const ulong MessageWindow = 0xfee0_0000;

    private static readonly PciAddress s_edu = new(0, 3, 0, 0);

    private readonly GuestMachine _machine = new();

    private WatchedKernel Kernel => _machine.Kernel;

    [Fact]
    public void First_device_maps_the_memory_that_is_there()
    {
        _machine.AddRam(0x4000, 0x2000);
        _machine.Memory.Store(new GuestPhysicalAddress(0x5008), 1, 0x77);
        Open();
        Assert.Equal((byte?)0x77, _machine.Peek(s_edu, 0x5008));
        AssertMapped(0x3000, DmaAccess.None);
        AssertMapped(0x4000, DmaAccess.ReadWrite);
        AssertMapped(0x6000, DmaAccess.None);
    }

    [Fact]
    public void Memory_that_comes_and_goes_is_mapped_and_unmapped_by_one_call_each()
    {
        Open();
        RamRegion ram = _machine.AddRam(0x10000, 0x8000);
        AssertMapped(0x17000, DmaAccess.ReadWrite);
        _machine.Root.Remove(ram);
        AssertMapped(0x10000, DmaAccess.None);
        Assert.Equal((1, 1), (Kernel.Count(VfioIoctl.IommuMapDma), Kernel.Count(VfioIoctl.IommuUnmapDma)));
    }

    [Fact]
    public void Read_only_memory_is_mapped_for_reading_only()
    {
        _machine.AddRam(0, 0x1000, isReadOnly: true);
        Open();
        AssertMapped(0, DmaAccess.Read);
    }

    [Fact]
    public void Registers_are_skipped()
    {
        _machine.Root.Add(new MmioRegion(_machine.Topology, "registers", 0x1000, new Memory.NoRegisters()), 0x1000);
        Open();
        Assert.Equal(0, Kernel.Count(VfioIoctl.IommuMapDma));
    }

    [Fact]
    public void Memory_in_the_upper_half_of_the_address_space_is_skipped()
    {
        _machine.AddRam(1UL << 63, 0x1000);
        Open();
        Assert.Equal(0, Kernel.Count(VfioIoctl.IommuMapDma));
        Assert.Empty(_machine.Failures);
    }

    [Fact]
    public void Start_is_rounded_up_and_end_down_to_pages()
    {
        Show(targetOffset: 0x800, size: 0x3000, address: 0x10800);
        Open();
        AssertMapped(0x10800, DmaAccess.None);
        AssertMapped(0x11000, DmaAccess.ReadWrite);
        AssertMapped(0x12fff, DmaAccess.ReadWrite);
        AssertMapped(0x13000, DmaAccess.None);
    }

    [Fact]
    public void Section_without_a_whole_page_is_skipped()
    {
        Show(targetOffset: 0x800, size: 0x1000, address: 0x10800);
        Open();
        Assert.Equal(0, Kernel.Count(VfioIoctl.IommuMapDma));
        Assert.Empty(_machine.Failures);
    }

    [Fact]
    public void Address_and_offset_that_lie_otherwise_in_a_page_are_told_as_unaligned_and_skipped()
    {
        Show(targetOffset: 0x800, size: 0x4000, address: 0x10000);
        Open();
        DmaFailure failure = Assert.Single(_machine.Failures);
        Assert.Contains("unaligned region", failure.Message, StringComparison.Ordinal);
        Assert.Contains("0x800", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsFatal);
        Assert.Equal(0, Kernel.Count(VfioIoctl.IommuMapDma));
    }

    [Fact]
    public void Another_devices_registers_that_cannot_be_mapped_are_a_warning()
    {
        Open();
        AddRegisters(MessageWindow);
        DmaFailure failure = Assert.Single(_machine.Failures);
        Assert.False(failure.IsFatal);
        Assert.Contains("peer to peer", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_devices_registers_that_cannot_be_mapped_do_not_keep_a_device_away()
    {
        AddRegisters(MessageWindow);
        Open();
        Assert.False(Assert.Single(_machine.Failures).IsFatal);
    }

    [Fact]
    public void Another_devices_registers_can_be_reached()
    {
        AddRegisters(0xe000_0000);
        Open();
        AssertMapped(0xe000_0000, DmaAccess.ReadWrite);
    }

    [Fact]
    public void Memory_outside_of_the_hosts_ranges_refuses_a_device_with_both_ranges()
    {
        _machine.AddRam(MessageWindow, 0x1000);
        string message = Assert.Throws<DeviceAssignmentException>(() => Open()).Message;
        Assert.Contains("0xfee00000-0xfee00fff", message, StringComparison.Ordinal);
        Assert.Contains("0x0-0xfedfffff", message, StringComparison.Ordinal);
        Assert.Empty(Kernel.OpenDescriptors);
    }

    [Fact]
    public void Memory_outside_of_the_hosts_ranges_is_fatal_while_the_guest_runs()
    {
        Open();
        _machine.AddRam(MessageWindow, 0x1000);
        Assert.True(Assert.Single(_machine.Failures).IsFatal);
    }

    [Fact]
    public void Refused_mapping_is_told_with_container_range_address_and_errno()
    {
        OpenedDevice device = Open();
        Kernel.Answer = (request, _) => request == VfioIoctl.IommuMapDma ? KernelResult.FailSilently(Errno.ENOMEM) : null;
        RamRegion ram = _machine.AddRam(0x10000, 0x2000, "extra");
        DmaFailure failure = Assert.Single(_machine.Failures);
        Assert.Equal(
            (device.Container, new Iova(0x10000), 0x2000UL, ram.Memory.Address, Errno.ENOMEM, true),
            (failure.Container, failure.Iova, failure.Size, failure.Address, failure.Errno, failure.IsFatal));
        Assert.Contains("extra at 0x10000-0x11fff", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void First_of_several_failures_at_start_refuses_the_device()
    {
        _machine.AddRam(0, 0x1000, "low");
        _machine.AddRam(0x10000, 0x1000, "high");
        Kernel.Answer = (request, _) => request == VfioIoctl.IommuMapDma ? KernelResult.FailSilently(Errno.ENOSPC) : null;
        string message = Assert.Throws<DeviceAssignmentException>(() => Open()).Message;
        Assert.Contains("low at", message, StringComparison.Ordinal);
        Assert.DoesNotContain("high at", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_unmapping_is_told_and_work_goes_on()
    {
        Open();
        RamRegion ram = _machine.AddRam(0x10000, 0x2000);
        Kernel.Answer = (request, _) => request == VfioIoctl.IommuUnmapDma ? KernelResult.FailSilently(Errno.EINVAL) : null;
        _machine.Root.Remove(ram);
        DmaFailure failure = Assert.Single(_machine.Failures);
        Assert.Equal((new Iova(0x10000), 0x2000UL, Errno.EINVAL, false), (failure.Iova, failure.Size, failure.Errno, failure.IsFatal));
        Kernel.Answer = null;
        _machine.AddRam(0x20000, 0x1000);
        AssertMapped(0x20000, DmaAccess.ReadWrite);
    }

    [Fact]
    public void Container_says_what_the_host_can_map()
    {
        DmaContainer container = Open().Container;
        Assert.Equal(IommuType.Type1V2, container.IommuType);
        Assert.Equal(65535U, container.MaxMappings);
        Assert.Contains(new IovaRange(default, new Iova(MessageWindow - 1)), container.IovaRanges);
        Assert.NotEqual(0UL, container.PageSizes & 0x1000);
    }

    public void Dispose() => _machine.Dispose();

    private OpenedDevice Open() => _machine.Devices.Open(s_edu, _machine.Memory);

    private void AssertMapped(ulong iova, DmaAccess expected) => Assert.Equal(expected, _machine.Translate(s_edu, iova));

    private void Show(ulong targetOffset, ulong size, ulong address)
    {
        var ram = new RamRegion(_machine.Topology, "ram", _machine.Allocate(0x10000));
        _machine.Root.Add(new AliasRegion(_machine.Topology, "part", ram, targetOffset, size), address);
    }

    private void AddRegisters(ulong address) =>
        _machine.Root.Add(new RamRegion(_machine.Topology, "bar", _machine.Allocate(0x1000), isDevice: true), address);
}
