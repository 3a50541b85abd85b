// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Kernel;

namespace VfioSharp.Tests;

public sealed class LifetimeTests
{
    private static readonly string[] s_childrenFirst = ["close device", "close /dev/vfio/15", "close /dev/vfio/vfio"];

    [Fact]
    public void Dispose_in_order_closes_device_group_container()
    {
        var machine = new TestMachine();
        machine.Dispose();
        Assert.Equal(s_childrenFirst, machine.Kernel.Log);
    }

    [Fact]
    public void Dispose_of_parents_first_closes_children_first()
    {
        var machine = new TestMachine();
        machine.Container.Dispose();
        machine.Group.Dispose();
        Assert.Empty(machine.Kernel.Log);
        machine.Device.Dispose();
        Assert.Equal(s_childrenFirst, machine.Kernel.Log);
    }

    [Fact]
    public void Dispose_twice_closes_once()
    {
        var machine = new TestMachine();
        machine.Dispose();
        machine.Dispose();
        Assert.Equal(3, machine.Kernel.Log.Count);
    }

    [Fact]
    public void Device_works_after_its_parents_are_disposed()
    {
        using var machine = new TestMachine();
        machine.Container.Dispose();
        machine.Group.Dispose();
        machine.Kernel.Config[0] = 0x34;
        Assert.Equal(0x34, machine.Device.Config.Read8(0));
    }

    [Fact]
    public void Mapped_region_keeps_the_device_open()
    {
        using var machine = new TestMachine();
        VfioRegion region = machine.Device.MapRegion(0);
        machine.Dispose();
        Assert.Contains("device", machine.Kernel.OpenFiles);
        region.Dispose();
        Assert.Empty(machine.Kernel.OpenFiles);
    }

    [Fact]
    public void Mapping_unmaps_before_the_container_closes()
    {
        using var machine = new TestMachine();
        DmaBuffer buffer = machine.Container.AllocateDma(new Iova(0x1000), 0x1000, DmaAccess.ReadWrite);
        machine.Dispose();
        buffer.Dispose();
        string[] end = ["ioctl 0x3b72 /dev/vfio/vfio", "close /dev/vfio/vfio", "munmap"];
        Assert.Equal(end, machine.Kernel.Log[^3..]);
    }

    [Fact]
    public void Interrupt_is_disabled_before_its_eventfds_close()
    {
        using var machine = new TestMachine();
        VfioInterrupt interrupt = machine.Device.EnableInterrupt(1, vectors: 2);
        machine.Kernel.Log.Clear();
        interrupt.Dispose();
        string[] expected = ["ioctl 0x3b6e device", "close eventfd", "close eventfd"];
        Assert.Equal(expected, machine.Kernel.Log);
    }

    [Fact]
    public void Group_leaving_its_container_lets_go_of_it()
    {
        using var machine = new TestMachine();
        machine.Device.Dispose();
        machine.Container.Dispose();
        machine.Group.LeaveContainer();
        Assert.Equal("close /dev/vfio/vfio", machine.Kernel.Log[^1]);
    }

    [Fact]
    public void Members_of_a_disposed_object_throw_ObjectDisposedException()
    {
        var machine = new TestMachine();
        machine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => machine.Container.GetInfo());
        Assert.Throws<ObjectDisposedException>(() => machine.Group.IsViable);
        Assert.Throws<ObjectDisposedException>(() => machine.Device.Reset());
        Assert.Throws<ObjectDisposedException>(() => machine.Device.Config.VendorId);
    }

    [Fact]
    public void Open_refused_half_way_leaves_nothing_open()
    {
        var kernel = new FakeKernel();
        kernel.AnswerIoctl(Abi.Vfio.VfioIoctl.GetApiVersion, KernelResult.Ok(1));
        Assert.Throws<VfioException>(() => VfioContainer.Open(kernel));
        Assert.Empty(kernel.OpenFiles);
    }

    [Fact]
    public void Forgotten_objects_are_closed_by_the_finalizer()
    {
        var kernel = new FakeKernel();
        Forget(kernel);
        for (int i = 0; i < 10 && kernel.OpenFiles.Any(); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Empty(kernel.OpenFiles);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget(FakeKernel kernel) => _ = new TestMachine(kernel).Device.MapRegion(0);
    }

    [Fact]
    public async Task Dispose_racing_with_use_closes_each_descriptor_once()
    {
        for (int round = 0; round < 200; round++)
        {
            var machine = new TestMachine();
            Task user = Task.Run(() =>
            {
                try
                {
                    while (true) machine.Container.Supports(1);
                }
                catch (ObjectDisposedException)
                {
                    // What the loop waits for.
                }
            }, TestContext.Current.CancellationToken);
            machine.Device.Dispose();
            machine.Group.Dispose();
            machine.Container.Dispose();
            await user;
            Assert.Empty(machine.Kernel.OpenFiles);
        }
    }
}
