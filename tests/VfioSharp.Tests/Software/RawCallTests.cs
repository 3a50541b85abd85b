// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Tests.Software;

/// <summary>The calls whose refusals are results: what a virtual machine monitor makes.</summary>
public sealed class RawCallTests
{
    [Fact]
    public void Triggers_are_set_fired_and_taken_away()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using var source = VfioEvent.Create(machine.Kernel, "test");
        using VfioRegion bar = device.OpenRegion(VfioPciRegionIndex.Bar0);
        device.Config.Enable(Pci.PciCommand.Memory);
        Assert.Equal(KernelResult.Success, device.SetTriggers(VfioPciIrqIndex.Intx, 0, [source.Descriptor]));
        bar.Write32(0x60, 1);
        Assert.True(source.TryTake(-1, out ulong count));
        Assert.Equal(1u, count);
        Assert.Equal(KernelResult.Success, device.DisableInterrupts(VfioPciIrqIndex.Intx));
        bar.Write32(0x64, 1);
        bar.Write32(0x60, 1);
        Assert.False(source.TryTake(0, out _));
    }

    [Fact]
    public void Masked_line_waits_until_it_is_unmasked_by_call_or_by_eventfd()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using var source = VfioEvent.Create(machine.Kernel, "source");
        using var unmask = VfioEvent.Create(machine.Kernel, "unmask");
        using VfioRegion bar = device.OpenRegion(VfioPciRegionIndex.Bar0);
        device.Config.Enable(Pci.PciCommand.Memory);
        device.SetTriggers(VfioPciIrqIndex.Intx, 0, [source.Descriptor]);
        Assert.Equal(KernelResult.Success, device.MaskInterrupt(VfioPciIrqIndex.Intx));
        bar.Write32(0x60, 1);
        Assert.False(source.TryTake(0, out _));
        Assert.Equal(KernelResult.Success, device.UnmaskInterrupt(VfioPciIrqIndex.Intx));
        Assert.True(source.TryTake(-1, out _));
        Assert.Equal(KernelResult.Success, device.SetUnmaskEvent(VfioPciIrqIndex.Intx, unmask.Descriptor));
        unmask.Signal();
        Assert.True(source.TryTake(-1, out _));
    }

    [Fact]
    public void Refusals_are_results()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        Assert.Equal(Errno.EINVAL, device.SetTriggers(VfioPciIrqIndex.Msix, 0, [-1]).Errno);
        Assert.Equal(Errno.EINVAL, device.TryGetInterruptInfo(VfioPciIrqIndex.Err, out _).Errno);
        using VfioRegion bar = device.OpenRegion(VfioPciRegionIndex.Bar0);
        Assert.Equal(Errno.EINVAL, bar.TryMap(new RegionArea(0x100000, 0x1000), out _).Errno);
    }

    [Fact]
    public void Region_is_mapped_in_parts()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using VfioRegion bar = device.OpenRegion(VfioPciRegionIndex.Bar0);
        device.Config.Enable(Pci.PciCommand.Memory);
        Assert.True(bar.TryMap(new RegionArea(0, 0x1000), out VfioMapping? mapping).IsSuccess);
        Assert.Equal(MemoryFault.None, mapping!.Load(0, 4, out ulong value));
        Assert.Equal(0x010000edu, value);
        mapping.Dispose();
    }

    [Fact]
    public void Hot_reset_names_the_devices_and_wants_their_groups()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        Assert.True(device.GetHotResetInfo(out IReadOnlyList<DependentDevice> devices).IsSuccess);
        Assert.Equal([new DependentDevice(SoftwareMachine.Edu, machine.Group.Number)], devices);
        Assert.Equal(KernelResult.Success, device.HotReset([machine.Group]));
        Assert.Equal(Errno.EINVAL, device.HotReset([]).Errno);
        Assert.Equal(KernelResult.Success, device.TryReset());
    }

    [Fact]
    public void Masking_and_unmasking_allocate_nothing()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using var source = VfioEvent.Create(machine.Kernel, "test");
        device.SetTriggers(VfioPciIrqIndex.Intx, 0, [source.Descriptor]);
        for (int i = 0; i < 50; i++) Use(device);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Use(device);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Use(VfioDevice device)
        {
            device.MaskInterrupt(VfioPciIrqIndex.Intx);
            device.UnmaskInterrupt(VfioPciIrqIndex.Intx);
        }
    }
}
