// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Tests.Memory;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Dma;

/// <summary>Guest windows beside POWER's windows of the host.</summary>
public sealed class HostWindowTests : IDisposable
{
    private const ulong SecondWindow = 0x0800_0000_0000_0000;

    private static readonly PciAddress s_edu = new(0, 1, 0, 0);

    private readonly GuestMachine _machine = new("powernv9-64k");
    private readonly ContainerRegion _bus;
    private readonly GuestAddressSpace _dma;

    public HostWindowTests()
    {
        _machine.AddRam(0, 0x100000);
        _bus = new ContainerRegion(_machine.Topology, "pci.0", ulong.MaxValue);
        _dma = new GuestAddressSpace(_machine.Topology, _bus);
    }

    private WatchedKernel Kernel => _machine.Kernel;

    [Fact]
    public void Container_is_set_up_in_the_order_of_the_calls_that_QEMU_makes()
    {
        AddWindow(0, 0x4000_0000);
        Open();
        Assert.Equal(
            [
                VfioIoctl.GroupGetStatus, VfioIoctl.GetApiVersion, VfioIoctl.CheckExtension, VfioIoctl.CheckExtension,
                VfioIoctl.CheckExtension, VfioIoctl.GroupSetContainer, VfioIoctl.SetIommu, VfioIoctl.IommuSpaprRegisterMemory,
                VfioIoctl.IommuSpaprTceGetInfo, VfioIoctl.IommuSpaprTceRemove, VfioIoctl.IommuSpaprTceCreate,
                VfioIoctl.GroupGetDeviceFd, VfioIoctl.DeviceGetInfo,
            ],
            Kernel.Requests.Take(13));
    }

    [Fact]
    public void Window_is_made_with_the_guests_and_removed_with_it()
    {
        DmaContainer container = Open().Container;
        Assert.Empty(container.Windows!.All);
        TestWindow window = AddWindow(0, 0x4000_0000);
        Assert.Equal([new IovaRange(default, new Iova(0x3fff_ffff))], container.Windows.All.Select(made => made.Range));
        window.IsEnabled = false;
        Assert.Empty(container.Windows.All);
        Assert.Equal((1, 2), (Kernel.Count(VfioIoctl.IommuSpaprTceCreate), Kernel.Count(VfioIoctl.IommuSpaprTceRemove)));
    }

    [Fact]
    public void Pages_are_the_largest_that_divide_the_guests()
    {
        AddWindow(0, 0x4000_0000, pageSize: 0x100_0000);
        Assert.Equal(0x10000UL, Assert.Single(Open().Container.Windows!.All).PageSize);
    }

    [Fact]
    public void Guest_page_size_that_the_host_lacks_refuses_the_device_with_both()
    {
        AddWindow(0, 0x4000_0000, pageSize: 0x400);
        string message = Assert.Throws<DeviceAssignmentException>(() => Open()).Message;
        Assert.Contains("pages of 0x400 bytes", message, StringComparison.Ordinal);
        Assert.Contains("0x1000, 0x10000", message, StringComparison.Ordinal);
        Assert.Empty(Kernel.OpenDescriptors);
    }

    [Fact]
    public void Guest_window_where_the_host_cannot_have_one_refuses_the_device_with_both()
    {
        AddWindow(0x1_0000_0000, 0x4000_0000);
        string message = Assert.Throws<DeviceAssignmentException>(() => Open()).Message;
        Assert.Contains("0x100000000-0x13fffffff", message, StringComparison.Ordinal);
        Assert.Contains("begins at 0x800000000000000", message, StringComparison.Ordinal);
        Assert.Equal(3, Kernel.Count(VfioIoctl.IommuSpaprTceRemove));
    }

    [Fact]
    public void Second_window_alone_is_served_where_the_guest_has_it()
    {
        AddWindow(SecondWindow, 0x1000_0000).Set(0x20000, 0x30000, DmaAccess.ReadWrite);
        Assert.Equal(new Iova(SecondWindow), Assert.Single(Open().Container.Windows!.All).Range.Start);
        Assert.Equal(DmaAccess.ReadWrite, _machine.Translate(s_edu, SecondWindow + 0x20000));
        Assert.Equal(DmaAccess.None, _machine.Translate(s_edu, 0x20000));
    }

    [Fact]
    public void Group_that_leaves_a_shared_container_takes_nothing_from_the_others()
    {
        AddWindow(0, 0x4000_0000).Set(0x20000, 0x30000, DmaAccess.ReadWrite);
        Open();
        OpenedDevice other = _machine.Devices.Open(new PciAddress(1, 1, 0, 0), _dma);
        Assert.Single(_machine.Devices.Containers);
        _machine.Devices.Close(other);
        Assert.Equal(DmaAccess.ReadWrite, _machine.Translate(s_edu, 0x20000));
    }

    [Fact]
    public void Error_handling_is_of_the_only_container_with_the_only_group()
    {
        AddWindow(0, 0x4000_0000);
        Assert.Null(_machine.Devices.FindErrorHandling(_dma));
        Open();
        Assert.NotNull(_machine.Devices.FindErrorHandling(_dma));
        _machine.Devices.Open(new PciAddress(1, 1, 0, 0), _dma);
        Assert.Null(_machine.Devices.FindErrorHandling(_dma));
    }

    [Theory]
    [InlineData(VfioIoctl.IommuMapDma)]
    [InlineData(VfioIoctl.IommuSpaprTceCreate)]
    [InlineData(VfioIoctl.IommuSpaprRegisterMemory)]
    public void Failure_of_any_kind_at_start_refuses_the_device_with_the_range(uint failing)
    {
        AddWindow(0, 0x4000_0000).Set(0, 0x10000, DmaAccess.ReadWrite);
        Refuse(failing);
        var refusal = Assert.Throws<DeviceAssignmentException>(() => Open());
        Assert.Contains("device 0000:01:00.0 cannot be on bus pci.0: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(" at 0x0-0x", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Kernel.OpenDescriptors);
        Assert.Empty(_machine.Devices.Containers);
    }

    [Fact]
    public void Failing_window_at_run_time_is_fatal_and_told_with_the_range()
    {
        Open();
        Refuse(VfioIoctl.IommuSpaprTceCreate);
        AddWindow(0, 0x4000_0000);
        AssertFatal(new Iova(0), 0x4000_0000, "0x0-0x3fffffff");
    }

    [Fact]
    public void Failing_registration_at_run_time_is_fatal_and_told_with_the_range()
    {
        Open();
        Refuse(VfioIoctl.IommuSpaprRegisterMemory);
        _machine.AddRam(0x1000000, 0x10000);
        AssertFatal(default, 0x10000, "0x1000000-0x100ffff");
    }

    [Fact]
    public void Window_that_overlaps_one_the_host_still_has_is_fatal_and_told_with_both_ranges()
    {
        TestWindow window = AddWindow(0, 0x4000_0000);
        Open();
        Refuse(VfioIoctl.IommuSpaprTceRemove);
        window.IsEnabled = false;
        _machine.Failures.Clear();
        AddWindow(0x1000_0000, 0x1000_0000);
        AssertFatal(new Iova(0x1000_0000), 0x1000_0000, "0x10000000-0x1fffffff overlaps the host's window 0x0-0x3fffffff");
    }

    [Fact]
    public void Version_1_serves_a_guest_window_within_its_only_one()
    {
        HideVersion2();
        TestWindow window = AddWindow(0, 0x4000_0000);
        Assert.Equal(IommuType.SpaprTce, Open().Container.IommuType);
        window.Set(0, 0x10000, DmaAccess.ReadWrite);
        Assert.Equal(DmaAccess.ReadWrite, _machine.Translate(s_edu, 0));
        Assert.Equal(0, Kernel.Count(VfioIoctl.IommuSpaprTceCreate));
        Assert.Equal(1, Kernel.Count(VfioIoctl.IommuEnable));
    }

    [Fact]
    public void Guest_window_larger_than_the_hosts_only_one_refuses_the_device_with_both_ranges()
    {
        HideVersion2();
        AddWindow(0, 0x2_0000_0000);
        string message = Assert.Throws<DeviceAssignmentException>(() => Open()).Message;
        Assert.Contains("0x0-0x1ffffffff", message, StringComparison.Ordinal);
        Assert.Contains("within the host's window 0x0-0x", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_2_that_is_refused_falls_back_to_version_1()
    {
        Kernel.Answer = (request, argument) => request == VfioIoctl.SetIommu && MemoryMarshal.Read<ulong>(argument) == (ulong)IommuType.SpaprTceV2
            ? KernelResult.FailSilently(Errno.EPERM) : null;
        Assert.Equal(IommuType.SpaprTce, Open().Container.IommuType);
    }

    [Fact]
    public void Bus_that_shows_memory_without_an_IOMMU_is_refused_with_device_bus_and_remedy()
    {
        var refusal = Assert.Throws<DeviceAssignmentException>(() => _machine.Devices.Open(s_edu, _machine.Memory));
        Assert.Contains("device 0000:01:00.0 cannot be on bus memory", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("pseries host bridge", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Unaligned_memory_is_told_and_not_registered()
    {
        _machine.AddRam(0x1000000, 0x1000);
        Open();
        Assert.Contains("unaligned region", Assert.Single(_machine.Failures).Message, StringComparison.Ordinal);
        Assert.Equal(1, Kernel.Count(VfioIoctl.IommuSpaprRegisterMemory));
    }

    [Fact]
    public void Registers_of_devices_are_not_registered()
    {
        _machine.Root.Add(new RamRegion(_machine.Topology, "bar", _machine.Allocate(0x10000), isDevice: true), 0x1000000);
        Open();
        Assert.Equal(1, Kernel.Count(VfioIoctl.IommuSpaprRegisterMemory));
    }

    [Fact]
    public void Two_windows_serve_one_bus()
    {
        TestWindow first = AddWindow(0, 0x4000_0000);
        TestWindow second = AddWindow(SecondWindow, 0x1000_0000);
        Open();
        first.Set(0x10000, 0x20000, DmaAccess.ReadWrite);
        second.Set(0x20000, 0x30000, DmaAccess.Read);
        Assert.Equal(DmaAccess.ReadWrite, _machine.Translate(s_edu, 0x10000));
        Assert.Equal(DmaAccess.Read, _machine.Translate(s_edu, SecondWindow + 0x20000));
    }

    public void Dispose()
    {
        _machine.Dispose();
        _dma.Dispose();
    }

    private OpenedDevice Open() => _machine.Devices.Open(s_edu, _dma);

    private TestWindow AddWindow(ulong address, ulong size, ulong pageSize = 0x10000)
    {
        var window = new TestWindow(_machine.Topology, size, _machine.Memory, pageSize);
        _bus.Add(window, address);
        return window;
    }

    private void Refuse(uint request) =>
        Kernel.Answer = (asked, _) => asked == request ? KernelResult.FailSilently(Errno.ENOMEM) : null;

    private void AssertFatal(Iova iova, ulong size, string text)
    {
        DmaFailure failure = Assert.Single(_machine.Failures);
        Assert.Equal((iova, size, true), (failure.Iova, failure.Size, failure.IsFatal));
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    private void HideVersion2() => Kernel.Answer = (request, argument) =>
        request == VfioIoctl.CheckExtension && MemoryMarshal.Read<ulong>(argument) == (ulong)IommuType.SpaprTceV2 ? KernelResult.Ok(0) : null;
}
