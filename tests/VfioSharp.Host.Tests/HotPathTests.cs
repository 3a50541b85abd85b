// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using System.Text;
using VfioSharp.Abi.Vfio;
using VfioSharp.Devices;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests;

/// <summary>The calls a driver makes all the time allocate nothing once warm.</summary>
public sealed class HotPathTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly SoftwareHost _host;
    private readonly SoftwareProcess _process;
    private readonly PciFunction _edu;
    private readonly int _container;
    private readonly int _device;
    private readonly ulong _scratch;

    public HotPathTests()
    {
        var platform = new X86Platform(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, "x86.json")), DeviceCatalog.Default);
        _edu = platform.FindAlias("edu0")!;
        _host = new SoftwareHost(platform);
        _process = _host.CreateProcess("hot");
        _scratch = (ulong)_process.MapAnonymous(4 * Page, Page, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
        _container = (int)_process.Open("/dev/vfio/vfio", OpenMode.ReadWrite).Value;
        int group = (int)_process.Open($"/dev/vfio/{platform.GroupOf(_edu).Id}", OpenMode.ReadWrite).Value;
        Put(_container);
        Assert.Equal(KernelResult.Success, _process.Ioctl(group, VfioIoctl.GroupSetContainer, _scratch));
        Assert.Equal(KernelResult.Success, _process.Ioctl(_container, VfioIoctl.SetIommu, VfioExtension.Type1V2));
        _process.Memory.TryWrite(_scratch, Encoding.ASCII.GetBytes(_edu.Address + "\0"));
        KernelResult device = _process.Ioctl(group, VfioIoctl.GroupGetDeviceFd, _scratch);
        Assert.True(device.IsSuccess, device.ToString());
        _device = (int)device.Value;
    }

    public void Dispose()
    {
        _process.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void CheckExtension_allocates_nothing() => AllocatesNothing(() => _process.Ioctl(_container, VfioIoctl.CheckExtension, 3));

    [Fact]
    public void IommuGetInfo_allocates_nothing() => AllocatesNothing(() =>
    {
        Put(new VfioIommuType1Info { Argsz = 256 });
        return _process.Ioctl(_container, VfioIoctl.IommuGetInfo, _scratch);
    });

    [Fact]
    public void UnmapDma_of_nothing_allocates_nothing() => AllocatesNothing(() =>
    {
        Put(new VfioIommuType1DmaUnmap { Argsz = 24, Iova = 0x100000, Size = Page });
        return _process.Ioctl(_container, VfioIoctl.IommuUnmapDma, _scratch);
    });

    [Fact]
    public void Region_information_allocates_nothing() => AllocatesNothing(() =>
    {
        Put(new VfioRegionInfo { Argsz = 32, Index = 0 });
        return _process.Ioctl(_device, VfioIoctl.DeviceGetRegionInfo, _scratch);
    });

    [Fact]
    public void Register_read_allocates_nothing() => AllocatesNothing(() => _process.Read(_device, _scratch, 4, 0));

    [Fact]
    public void Register_write_allocates_nothing() => AllocatesNothing(() => _process.Write(_device, _scratch, 4, 4));

    [Fact]
    public void Configuration_read_allocates_nothing() => AllocatesNothing(() => _process.Read(_device, _scratch, 4, 7UL << 40));

    [Fact]
    public void Mapped_register_read_allocates_nothing()
    {
        ulong bar = (ulong)_process.MapFile(_device, 0, Page, MemoryProtection.ReadWrite, shared: true).Value;
        AllocatesNothing(() => _process.Load(bar, 4, out _) == MemoryFault.None ? KernelResult.Success : KernelResult.FailSilently(Linux.Errno.EIO));
    }

    [Fact]
    public void Triggered_interrupt_allocates_nothing()
    {
        int target = (int)_process.CreateEvent(0).Value;
        var enable = new byte[24];
        MemoryMarshal.Write(enable, new VfioIrqSet { Argsz = 24, Flags = VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, Index = VfioPciIrqIndex.Msi, Count = 1 });
        MemoryMarshal.Write(enable.AsSpan(20), target);
        _process.Memory.TryWrite(_scratch, enable);
        Assert.Equal(KernelResult.Success, _process.Ioctl(_device, VfioIoctl.DeviceSetIrqs, _scratch));
        AllocatesNothing(() =>
        {
            _edu.InterruptSink!.Message(0);
            return _process.ReadEvent(target, out _);
        });
    }

    [Fact]
    public void Interrupt_with_its_eventfd_given_anew_and_triggered_allocates_nothing()
    {
        int target = (int)_process.CreateEvent(0).Value;
        AllocatesNothing(() =>
        {
            Put(new VfioIrqSet { Argsz = 24, Flags = VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, Index = VfioPciIrqIndex.Msi, Count = 1 });
            _process.Memory.TryWrite(_scratch + 20, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in target)));
            KernelResult set = _process.Ioctl(_device, VfioIoctl.DeviceSetIrqs, _scratch);
            if (set.IsError) return set;
            Put(new VfioIrqSet { Argsz = 20, Flags = VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, Index = VfioPciIrqIndex.Msi, Count = 1 });
            KernelResult triggered = _process.Ioctl(_device, VfioIoctl.DeviceSetIrqs, _scratch);
            return triggered.IsError ? triggered : _process.ReadEvent(target, out _);
        });
    }

    [Fact]
    public void Dma_allocates_nothing()
    {
        ulong memory = (ulong)_process.MapAnonymous(16 * Page, Page, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
        for (ulong i = 0; i < 4; i++)
        {
            Put(new VfioIommuType1DmaMap { Argsz = 32, Flags = 3, Vaddr = memory + (i * 4 * Page), Iova = 0x100000 + (i * 4 * Page), Size = 4 * Page });
            Assert.Equal(KernelResult.Success, _process.Ioctl(_container, VfioIoctl.IommuMapDma, _scratch));
        }

        var buffer = new byte[5 * Page];
        AllocatesNothing(() => _edu.Dma!.Read(new Iova(0x101000), buffer) && _edu.Dma.Write(new Iova(0x103800), buffer) ? KernelResult.Success : KernelResult.FailSilently(Linux.Errno.EIO));
    }

    private void Put<T>(T value)
        where T : unmanaged => _process.Memory.TryWrite(_scratch, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    private static void AllocatesNothing(Func<KernelResult> call)
    {
        const int Rounds = 1000;
        for (int i = 0; i < Rounds; i++)
        {
            KernelResult warm = call();
            Assert.True(warm.IsSuccess, warm.ToString());
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++) _ = call();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
