// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;

namespace VfioSharp.Tests;

public sealed class InterruptTests
{
    [Fact]
    public void EnableInterrupt_gives_the_kernel_an_eventfd_a_vector()
    {
        using var machine = new TestMachine();
        using VfioInterrupt interrupt = machine.Device.EnableInterrupt(VfioPciIrqIndex.Msi, 3);
        VfioIrqSet set = MemoryMarshal.Read<VfioIrqSet>(machine.Kernel.LastArgument);
        Assert.Equal((32u, 0x24u, 1u, 0u, 3u), (set.Argsz, set.Flags, set.Index, set.Start, set.Count));
        Assert.Equal(3, MemoryMarshal.Cast<byte, int>(machine.Kernel.LastArgument.AsSpan(20)).ToArray().Distinct().Count());
    }

    [Fact]
    public void Wait_takes_the_count_of_its_vector()
    {
        using var machine = new TestMachine();
        using VfioInterrupt interrupt = machine.Device.EnableInterrupt(VfioPciIrqIndex.Msi, 2);
        int second = MemoryMarshal.Read<int>(machine.Kernel.LastArgument.AsSpan(24));
        machine.Kernel.Events[second] = 5;
        Assert.False(interrupt.Wait(0, TimeSpan.Zero, out _));
        Assert.True(interrupt.Wait(1, TimeSpan.Zero, out ulong count));
        Assert.Equal(5u, count);
        Assert.False(interrupt.Wait(1, TimeSpan.Zero, out _));
    }

    [Fact]
    public void Mask_and_Unmask_name_the_vector()
    {
        using var machine = new TestMachine();
        using VfioInterrupt interrupt = machine.Device.EnableInterrupt(VfioPciIrqIndex.Intx);
        interrupt.Mask();
        Assert.Equal(0x9u, MemoryMarshal.Read<VfioIrqSet>(machine.Kernel.LastArgument).Flags);
        interrupt.Unmask();
        Assert.Equal(0x11u, MemoryMarshal.Read<VfioIrqSet>(machine.Kernel.LastArgument).Flags);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Wait_for_a_vector_that_is_not_enabled_throws(int vector)
    {
        using var machine = new TestMachine();
        using VfioInterrupt interrupt = machine.Device.EnableInterrupt(VfioPciIrqIndex.Intx);
        Assert.Throws<ArgumentOutOfRangeException>(() => interrupt.Wait(vector, TimeSpan.Zero, out _));
    }

    [Fact]
    public void GetInterruptInfo_decodes_the_flags()
    {
        using var machine = new TestMachine();
        InterruptInfo info = machine.Device.GetInterruptInfo(VfioPciIrqIndex.Msi);
        Assert.Equal(new InterruptInfo(VfioPciIrqIndex.Msi, 2, CanSignal: true, IsMaskable: false, IsAutomasked: true, IsFixedSize: false), info);
    }

    [Fact]
    public void Wait_that_succeeds_allocates_nothing()
    {
        using var machine = new TestMachine();
        using VfioInterrupt interrupt = machine.Device.EnableInterrupt(VfioPciIrqIndex.Intx);
        int descriptor = MemoryMarshal.Read<int>(machine.Kernel.LastArgument.AsSpan(20));
        machine.Kernel.Events[descriptor] = 1;
        Assert.True(interrupt.Wait(TimeSpan.Zero));
        machine.Kernel.Events[descriptor] = 1;
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool fired = interrupt.Wait(TimeSpan.Zero);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(fired);
        Assert.Equal(0, allocated);
    }
}
