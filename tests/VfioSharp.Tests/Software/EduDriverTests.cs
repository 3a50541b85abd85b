// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Samples;

namespace VfioSharp.Tests.Software;

/// <summary>The sample's driver on the software host.</summary>
public sealed class EduDriverTests
{
    [Fact]
    public void Driver_identifies_and_computes_with_an_interrupt()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using var edu = new EduDriver(device);
        Assert.Equal(EduDriver.Identification, edu.Identify());
        Assert.Equal(~7u, edu.Complement(7));
        Assert.Equal(3_628_800u, edu.ComputeFactorial(10));
        Assert.Equal(479_001_600u, edu.ComputeFactorial(12));
        Assert.Equal(2, edu.Interrupts);
    }

    [Fact]
    public void Dma_goes_both_ways()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using var edu = new EduDriver(device);
        using DmaBuffer buffer = machine.Container.AllocateDma(new Iova(0x100000), 0x2000, DmaAccess.ReadWrite);
        buffer.Write(0x10, "hello"u8);
        edu.ReadMemory(buffer.Iova + 0x10, 5);
        edu.WriteMemory(buffer.Iova + 0x1ff0, 5);
        byte[] back = new byte[5];
        buffer.Read(0x1ff0, back);
        Assert.Equal("hello"u8.ToArray(), back);
    }

    [Fact]
    public void Mapped_and_unmapped_registers_read_the_same()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using VfioRegion mapped = device.MapRegion(VfioPciRegionIndex.Bar0);
        using VfioRegion plain = device.OpenRegion(VfioPciRegionIndex.Bar0);
        Assert.True(mapped.IsMapped);
        Assert.False(plain.IsMapped);
        Assert.Equal(0x100000u, plain.Size);
        mapped.Write32(4, 0x1234);
        Assert.Equal(~0x1234u, plain.Read32(4));
        Assert.Equal(mapped.Read32(0), plain.Read32(0));
    }

    [Fact]
    public void Interrupt_info_is_what_the_recorded_machine_has()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        Assert.Equal((9u, 5u), (device.RegionCount, device.InterruptCount));
        Assert.Equal(
            new InterruptInfo(VfioPciIrqIndex.Intx, 1, CanSignal: true, IsMaskable: true, IsAutomasked: true, IsFixedSize: false),
            device.GetInterruptInfo(VfioPciIrqIndex.Intx));
    }

    [Fact]
    public void Registers_and_interrupts_allocate_nothing()
    {
        using var machine = new SoftwareMachine();
        using VfioDevice device = machine.Group.OpenDevice(SoftwareMachine.Edu);
        using VfioRegion mapped = device.MapRegion(VfioPciRegionIndex.Bar0);
        using VfioInterrupt interrupt = device.EnableInterrupt(VfioPciIrqIndex.Intx);
        VfioConfigSpace config = device.Config;
        for (int i = 0; i < 50; i++) Use(mapped, interrupt, config);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Use(mapped, interrupt, config);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Use(VfioRegion mapped, VfioInterrupt interrupt, VfioConfigSpace config)
        {
            mapped.Write32(4, mapped.Read32(0));
            _ = config.VendorId;
            interrupt.Trigger();
            interrupt.Wait(TimeSpan.FromSeconds(1));
        }
    }
}
