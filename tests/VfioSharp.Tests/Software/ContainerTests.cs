// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Tests.Software;

/// <summary>The client on the software host: what the kernel side answers reaches the user whole.</summary>
public sealed class ContainerTests
{
    private const ulong Page = 0x1000;

    [Fact]
    public void GetInfo_gives_what_the_recorded_machine_has()
    {
        using var machine = new SoftwareMachine();
        IommuInfo info = machine.Container.GetInfo();
        Assert.Equal(0x40201000u, info.PageSizes);
        Assert.Equal(65535u, info.AvailableMappings);
        IovaRange[] ranges = [new(new Iova(0), new Iova(0xfedfffff)), new(new Iova(0xfef00000), new Iova(0xffffffffffff))];
        Assert.Equal(ranges, info.IovaRanges);
        Assert.Equal(new DirtyTrackingInfo(Page, 0x10000000), info.DirtyTracking);
    }

    [Fact]
    public void SetIommu_picks_Type1v2()
    {
        using var machine = new SoftwareMachine();
        Assert.Equal(IommuType.Type1V2, machine.Container.IommuType);
        Assert.True(machine.Container.Supports(VfioExtension.UnmapAll));
        Assert.False(machine.Container.Supports(VfioExtension.SpaprTceV2));
    }

    [Fact]
    public void SetIommu_twice_returns_EINVAL_with_a_reason()
    {
        using var machine = new SoftwareMachine();
        VfioException refusal = Assert.Throws<VfioException>(machine.Container.SetIommu);
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.NotEqual("the kernel gave no reason", refusal.Reason);
    }

    [Theory]
    [InlineData(0x100000ul, Errno.EEXIST, "0x100000")]
    [InlineData(0x300800ul, Errno.EINVAL, "0x300800")]
    [InlineData(0xfee00000ul, Errno.EINVAL, "0xfee00000")]
    [InlineData(0x1000000000000ul, Errno.EINVAL, "0x1000000000000")]
    public void MapDma_refused_names_the_iova(ulong iova, Errno errno, string value)
    {
        using var machine = new SoftwareMachine();
        using DmaBuffer first = machine.Container.AllocateDma(new Iova(0x100000), Page, DmaAccess.ReadWrite);
        VfioException refusal = Assert.Throws<VfioException>(
            () => machine.Container.AllocateDma(new Iova(iova), Page, DmaAccess.ReadWrite));
        Assert.Equal(errno, refusal.Errno);
        Assert.Contains(value, refusal.Reason);
    }

    [Fact]
    public void TryMapDma_and_TryUnmapDma_map_and_unmap_without_an_object()
    {
        using var machine = new SoftwareMachine();
        Assert.True(machine.Kernel.AllocateMemory(Page, out VfioMapping? memory).IsSuccess);
        Assert.True(machine.Container.TryMapDma(new Iova(Page), memory!.Address, Page, DmaAccess.Read).IsSuccess);
        KernelResult again = machine.Container.TryMapDma(new Iova(Page), memory.Address, Page, DmaAccess.Read);
        Assert.Equal(Errno.EEXIST, again.Errno);
        Assert.True(machine.Container.TryUnmapDma(new Iova(Page), Page, out ulong unmapped).IsSuccess);
        Assert.Equal(Page, unmapped);
        Assert.True(machine.Container.TryUnmapDma(new Iova(Page), Page, out unmapped).IsSuccess);
        Assert.Equal(0ul, unmapped);
        memory.Dispose();
    }

    [Fact]
    public void FromDescriptor_uses_a_group_that_stays_its_owners_to_close()
    {
        using var machine = new SoftwareMachine();
        machine.Group.LeaveContainer();
        int number = machine.Group.Number;
        machine.Group.Dispose();
        int descriptor = (int)machine.Kernel.Open($"/dev/vfio/{number}", OpenMode.ReadWrite).Value;
        using (VfioGroup group = VfioGroup.FromDescriptor(machine.Kernel, descriptor, number)) Assert.True(group.IsViable);
        Assert.True(machine.Kernel.Close(descriptor).IsSuccess);
    }

    [Fact]
    public void Dispose_of_a_buffer_gives_its_mapping_back()
    {
        using var machine = new SoftwareMachine();
        DmaBuffer buffer = machine.Container.AllocateDma(new Iova(0x100000), Page, DmaAccess.ReadWrite);
        Assert.Equal(65534u, machine.Container.GetInfo().AvailableMappings);
        buffer.Dispose();
        Assert.Equal(65535u, machine.Container.GetInfo().AvailableMappings);
    }

    [Fact]
    public void Unmap_returns_the_bytes_unmapped()
    {
        using var machine = new SoftwareMachine();
        machine.Kernel.AllocateMemory(4 * Page, out VfioMapping? memory);
        using (memory)
        {
            DmaMapping mapping = machine.Container.MapDma(new Iova(0), memory!, DmaAccess.Read);
            Assert.Equal(4 * Page, mapping.Unmap());
            Assert.Throws<ObjectDisposedException>(() => mapping.Unmap());
        }
    }

    [Fact]
    public void UnmapAll_returns_the_bytes_of_all_mappings()
    {
        using var machine = new SoftwareMachine();
        using DmaBuffer first = machine.Container.AllocateDma(new Iova(0), Page, DmaAccess.Read);
        using DmaBuffer second = machine.Container.AllocateDma(new Iova(0x100000), 2 * Page, DmaAccess.Read);
        Assert.Equal(3 * Page, machine.Container.UnmapAll());
    }

    [Fact]
    public void Buffer_reads_back_what_was_written()
    {
        using var machine = new SoftwareMachine();
        using DmaBuffer buffer = machine.Container.AllocateDma(new Iova(0), 2 * Page, DmaAccess.Read);
        buffer.Write(Page - 2, [1, 2, 3, 4]);
        Assert.Equal(0x04030201u, buffer.Read32(Page - 2));
        buffer.Write64(8, 0x1122334455667788);
        byte[] bytes = new byte[8];
        buffer.Read(8, bytes);
        Assert.Equal([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11], bytes);
    }

    [Theory]
    [InlineData(2 * Page)]
    [InlineData((2 * Page) - 3)]
    [InlineData(ulong.MaxValue)]
    public void Buffer_access_outside_throws(ulong offset)
    {
        using var machine = new SoftwareMachine();
        using DmaBuffer buffer = machine.Container.AllocateDma(new Iova(0), 2 * Page, DmaAccess.Read);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Read32(offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Write(offset, [1, 2, 3, 4]));
    }

    [Fact]
    public void Buffer_accesses_allocate_nothing()
    {
        using var machine = new SoftwareMachine();
        using DmaBuffer buffer = machine.Container.AllocateDma(new Iova(0), Page, DmaAccess.Read);
        byte[] block = new byte[64];
        Use(buffer, block);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Use(buffer, block);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Use(DmaBuffer buffer, byte[] block)
        {
            buffer.Write32(0, buffer.Read32(0) + 1);
            buffer.Write(64, block);
            buffer.Read(64, block);
        }
    }

    [Fact]
    public void Group_can_be_opened_once()
    {
        using var machine = new SoftwareMachine();
        VfioException refusal = Assert.Throws<VfioException>(() => VfioGroup.Open(machine.Kernel, SoftwareMachine.Edu));
        Assert.Equal(Errno.EBUSY, refusal.Errno);
        machine.Group.Dispose();
        machine.Container.Dispose();
        VfioGroup.Open(machine.Kernel, SoftwareMachine.Edu).Dispose();
    }

    [Fact]
    public void AddGroup_of_a_group_with_a_host_driver_names_it()
    {
        using var machine = new SoftwareMachine();
        var sibling = new PciAddress(0, 2, 0, 0);
        Bind(machine.Kernel, sibling, "e1000e");
        using VfioGroup group = VfioGroup.Open(machine.Kernel, new PciAddress(0, 2, 0, 1));
        VfioException refusal = Assert.Throws<VfioException>(() => machine.Container.AddGroup(group));
        Assert.Equal(Errno.EPERM, refusal.Errno);
        Assert.Contains("0000:02:00.0 (e1000e)", refusal.Reason);
    }

    private static void Bind(IVfioKernel kernel, PciAddress device, string driver)
    {
        Assert.True(kernel.WriteText($"/sys/bus/pci/devices/{device}/driver/unbind", $"{device}\n").IsSuccess);
        Assert.True(kernel.WriteText($"/sys/bus/pci/devices/{device}/driver_override", $"{driver}\n").IsSuccess);
        Assert.True(kernel.WriteText("/sys/bus/pci/drivers_probe", $"{device}\n").IsSuccess);
    }
}
