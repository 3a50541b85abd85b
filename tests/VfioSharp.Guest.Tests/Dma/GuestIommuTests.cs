// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Tests.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Dma;

/// <summary>A guest's IOMMU followed into the host's, whose kind does not matter.</summary>
public sealed class GuestIommuTests
{
    private const ulong WindowSize = 0x4000_0000;

    /// <summary>A machine of each kind, and two devices of it in groups of their own.</summary>
    public static TheoryData<string, string, string> Machines => new()
    {
        { "x86", "0000:03:00.0", "0000:00:03.0" },
        { "powernv9-4k", "0000:01:00.0", "0001:01:00.0" },
        { "pseries-4k", "0000:00:01.0", "0001:00:01.0" },
        { "powernv9-64k", "0000:01:00.0", "0001:01:00.0" },
        { "pseries-64k", "0000:00:01.0", "0001:00:01.0" },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Entry_is_mapped_when_set_and_goes_when_cleared(string machine, string device, string _)
    {
        using var guest = new Guest(machine);
        PciAddress address = guest.Open(device);
        guest.Write(0x20000, 0x5a);
        guest.Window.Set(guest.Page, 0x20000, DmaAccess.ReadWrite);
        Assert.Equal((byte?)0x5a, guest.Machine.Peek(address, guest.Page));
        guest.Window.Set(guest.Page, 0, DmaAccess.None);
        Assert.Null(guest.Machine.Peek(address, guest.Page));
        Assert.Empty(guest.Machine.Failures);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Entry_that_replaces_another_leads_where_it_says(string machine, string device, string _)
    {
        using var guest = new Guest(machine);
        PciAddress address = guest.Open(device);
        guest.Write(0x20000, 1);
        guest.Write(0x40000, 2);
        guest.Window.Set(0, 0x20000, DmaAccess.ReadWrite);
        guest.Window.Set(0, 0x40000, DmaAccess.ReadWrite);
        Assert.Equal((byte?)2, guest.Machine.Peek(address, 0));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Hot_plugged_container_gets_the_entries_that_are_there(string machine, string first, string second)
    {
        using var guest = new Guest(machine);
        guest.Open(first);
        for (ulong i = 0; i < 16; i++) guest.Window.Set(i * guest.Page, 0x10000 * (i % 4), DmaAccess.ReadWrite);

        // As if the host kept groups apart, so that a second container is made.
        int asked = 0;
        guest.Machine.Kernel.Answer = (request, _) =>
            request == VfioIoctl.GroupSetContainer && asked++ == 0 ? KernelResult.FailSilently(Errno.EPERM) : null;
        PciAddress plugged = guest.Open(second);
        Assert.Equal(2, guest.Machine.Devices.Containers.Count);
        for (ulong i = 0; i < 16; i++) Assert.Equal(DmaAccess.ReadWrite, guest.Machine.Translate(plugged, i * guest.Page));
        Assert.Equal(DmaAccess.None, guest.Machine.Translate(plugged, 16 * guest.Page));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Window_that_goes_takes_its_entries_along(string machine, string device, string _)
    {
        using var guest = new Guest(machine);
        PciAddress address = guest.Open(device);
        guest.Window.Set(0, 0x20000, DmaAccess.ReadWrite);
        guest.Window.IsEnabled = false;
        Assert.Null(guest.Machine.Peek(address, 0));
        Assert.False(guest.Window.HasNotifiers);
        guest.Window.IsEnabled = true;
        Assert.Equal(DmaAccess.ReadWrite, guest.Machine.Translate(address, 0));
        Assert.Empty(guest.Machine.Failures);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Memory_that_goes_takes_the_entries_that_lead_to_it_along(string machine, string device, string _)
    {
        using var guest = new Guest(machine);
        PciAddress address = guest.Open(device);
        RamRegion extra = guest.Machine.AddRam(0x100000, 0x20000);
        guest.Window.Set(0, 0x100000, DmaAccess.ReadWrite);
        guest.Window.Set(guest.Page, 0x20000, DmaAccess.ReadWrite);
        guest.Machine.Root.Remove(extra);
        Assert.Null(guest.Machine.Peek(address, 0));
        Assert.NotNull(guest.Machine.Peek(address, guest.Page));
        guest.Machine.Root.Add(extra, 0x100000);
        Assert.NotNull(guest.Machine.Peek(address, 0));
        Assert.Empty(guest.Machine.Failures);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Last_device_unplugged_leaves_nothing_on_the_host(string machine, string device, string _)
    {
        using var guest = new Guest(machine);
        PciAddress address = guest.Open(device);
        guest.Window.Set(0, 0x20000, DmaAccess.ReadWrite);
        guest.Machine.Devices.Dispose();
        Assert.Null(guest.Machine.Peek(address, 0));
        Assert.Empty(guest.Machine.Kernel.OpenDescriptors);
        Assert.False(guest.Window.HasNotifiers);
        Assert.Equal(0UL, guest.Machine.Software.Process.Caller.Locked.Bytes);
        Assert.Empty(guest.Machine.Failures);
    }

    [Fact]
    public void Entry_that_leads_to_no_memory_is_told_and_takes_the_old_one_away()
    {
        using var guest = new Guest("x86");
        PciAddress address = guest.Open("0000:03:00.0");
        guest.Window.Set(0, 0x20000, DmaAccess.ReadWrite);
        guest.Window.Set(0, 0x7000_0000, DmaAccess.ReadWrite);
        Assert.Null(guest.Machine.Peek(address, 0));
        DmaFailure failure = Assert.Single(guest.Machine.Failures);
        Assert.Contains("0x70000000", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsFatal);
    }

    [Fact]
    public void Entry_is_mapped_with_no_more_access_than_it_has_and_memory_allows()
    {
        using var guest = new Guest("x86");
        PciAddress address = guest.Open("0000:03:00.0");
        guest.Machine.AddRam(0x100000, 0x1000, isReadOnly: true);
        guest.Window.Set(0x0000, 0x20000, DmaAccess.Read);
        guest.Window.Set(0x1000, 0x20000, DmaAccess.Write);
        guest.Window.Set(0x2000, 0x100000, DmaAccess.ReadWrite);
        Assert.Equal(DmaAccess.Read, guest.Machine.Translate(address, 0x0000));
        Assert.Equal(DmaAccess.Write, guest.Machine.Translate(address, 0x1000));
        Assert.Equal(DmaAccess.Read, guest.Machine.Translate(address, 0x2000));
    }

    [Fact]
    public void Refused_entry_refuses_a_device_at_start_and_is_told_later()
    {
        using var guest = new Guest("x86");
        guest.Window.Set(0, 0x20000, DmaAccess.ReadWrite);
        guest.Machine.Kernel.Answer = (request, _) => request == VfioIoctl.IommuMapDma ? KernelResult.FailSilently(Errno.ENOSPC) : null;
        Assert.Contains("0x0", Assert.Throws<DeviceAssignmentException>(() => guest.Open("0000:03:00.0")).Message, StringComparison.Ordinal);
        guest.Machine.Kernel.Answer = null;
        guest.Open("0000:03:00.0");
        guest.Machine.Kernel.Answer = (request, _) => request == VfioIoctl.IommuMapDma ? KernelResult.FailSilently(Errno.ENOSPC) : null;
        guest.Window.Set(0x1000, 0x20000, DmaAccess.ReadWrite);
        Assert.False(Assert.Single(guest.Machine.Failures).IsFatal);
    }

    [Fact]
    public void Following_an_entry_allocates_nothing()
    {
        using var guest = new Guest("x86");
        guest.Open("0000:03:00.0");
        ulong toggles = Toggle(guest.Window);

        // The software host's own mapping objects would be counted on this thread: its answers are taken from the test.
        guest.Machine.Kernel.Answer = (_, _) => KernelResult.Success;
        guest.Machine.Kernel.Requests.EnsureCapacity(10_000);
        toggles += Toggle(guest.Window);
        long before = GC.GetAllocatedBytesForCurrentThread();
        toggles += Toggle(guest.Window);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(300UL, toggles);
    }

    private static ulong Toggle(TestWindow window)
    {
        ulong count = 0;
        for (; count < 100; count++)
        {
            window.Set(0x5000, 0x20000, DmaAccess.ReadWrite);
            window.Set(0x5000, 0, DmaAccess.None);
        }

        return count;
    }

    /// <summary>A guest with RAM and a bus with one window at 0.</summary>
    private sealed class Guest : IDisposable
    {
        private readonly GuestAddressSpace _dma;

        public Guest(string machine)
        {
            Machine = new GuestMachine(machine);
            Machine.AddRam(0, 0x80000);
            var bus = new ContainerRegion(Machine.Topology, "pci.0", ulong.MaxValue);
            Window = new TestWindow(Machine.Topology, WindowSize, Machine.Memory, Page);
            bus.Add(Window, 0);
            _dma = new GuestAddressSpace(Machine.Topology, bus);
        }

        public GuestMachine Machine { get; }

        public TestWindow Window { get; }

        /// <summary>The page of a bridge's default window.</summary>
        public ulong Page => 0x1000;

        public PciAddress Open(string device)
        {
            Assert.True(PciAddress.TryParse(device, out PciAddress address));
            return Machine.Devices.Open(address, _dma).Address;
        }

        public void Write(ulong address, byte value) => Machine.Memory.Store(new GuestPhysicalAddress(address), 1, value);

        public void Dispose()
        {
            Machine.Dispose();
            _dma.Dispose();
        }
    }
}
