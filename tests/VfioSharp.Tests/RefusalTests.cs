// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Tests;

public sealed class RefusalTests
{
    [Fact]
    public void Refusal_with_a_reason_keeps_the_kernels_sentence()
    {
        using var machine = new TestMachine();
        machine.Kernel.AnswerIoctl(VfioIoctl.IommuMapDma, KernelResult.Fail(Errno.EEXIST, "iova 0x1000 overlaps 0x0-0x1fff"));
        VfioException refusal = Assert.Throws<VfioException>(
            () => machine.Container.MapDma(new Iova(0x1000), 0x7000_0000, 0x1000, DmaAccess.Read));
        Assert.Equal(Errno.EEXIST, refusal.Errno);
        Assert.Equal("MAP_DMA", refusal.Operation);
        Assert.Equal("iova 0x1000 overlaps 0x0-0x1fff", refusal.Reason);
        Assert.Equal(
            "MAP_DMA on container (iova 0x1000, 0x1000 bytes, Read) failed with EEXIST: iova 0x1000 overlaps 0x0-0x1fff. " +
            "Unmap that one first, or choose another IOVA.",
            refusal.Message);
    }

    [Fact]
    public void Refusal_without_a_reason_says_what_the_errno_means_there()
    {
        using var machine = new TestMachine();
        machine.Kernel.AnswerIoctl(VfioIoctl.IommuMapDma, KernelResult.FailSilently(Errno.ENOMEM));
        VfioException refusal = Assert.Throws<VfioException>(
            () => machine.Container.MapDma(new Iova(0), 0x7000_0000, 0x1000, DmaAccess.Read));
        Assert.Contains("RLIMIT_MEMLOCK", refusal.Reason);
        Assert.Contains("ulimit -l", refusal.Remedy);
    }

    [Fact]
    public void AllocateDma_refused_frees_the_memory()
    {
        using var machine = new TestMachine();
        machine.Kernel.AnswerIoctl(VfioIoctl.IommuMapDma, KernelResult.FailSilently(Errno.EINVAL));
        Assert.Throws<VfioException>(() => machine.Container.AllocateDma(new Iova(1), 0x1000, DmaAccess.Read));
        Assert.Equal("munmap", machine.Kernel.Log[^1]);
    }

    [Fact]
    public void Open_of_a_missing_container_names_the_node_and_the_remedy()
    {
        var kernel = new FakeKernel();
        kernel.AnswerOpen("/dev/vfio/vfio", KernelResult.FailSilently(Errno.ENOENT));
        VfioException refusal = Assert.Throws<VfioException>(() => VfioContainer.Open(kernel));
        Assert.Equal("/dev/vfio/vfio", refusal.Subject);
        Assert.Contains("modprobe vfio-pci", refusal.Message);
    }

    [Fact]
    public void Open_of_a_kernel_with_another_version_is_refused_with_both_versions()
    {
        var kernel = new FakeKernel();
        kernel.AnswerIoctl(VfioIoctl.GetApiVersion, KernelResult.Ok(7));
        VfioException refusal = Assert.Throws<VfioException>(() => VfioContainer.Open(kernel));
        Assert.Equal(Errno.EPROTO, refusal.Errno);
        Assert.Contains("version 7", refusal.Reason);
    }

    [Fact]
    public void AddGroup_of_a_group_that_is_not_viable_names_device_and_driver_and_remedy()
    {
        var kernel = new FakeKernel { GroupFlags = 0 };
        kernel.AnswerIoctl(VfioIoctl.GroupSetContainer, KernelResult.FailSilently(Errno.EPERM));
        kernel.Folders["/sys/kernel/iommu_groups/14/devices"] = ["0000:02:00.0", "0000:02:00.1"];
        kernel.Links["/sys/bus/pci/devices/0000:02:00.0/driver"] = "../../../../bus/pci/drivers/e1000e";
        kernel.Links["/sys/bus/pci/devices/0000:02:00.1/driver"] = "../../../../bus/pci/drivers/vfio-pci";
        using VfioContainer container = VfioContainer.Open(kernel);
        using VfioGroup group = VfioGroup.Open(kernel, 14);
        VfioException refusal = Assert.Throws<VfioException>(() => container.AddGroup(group));
        Assert.Equal(Errno.EPERM, refusal.Errno);
        Assert.Contains("0000:02:00.0 (e1000e)", refusal.Reason);
        Assert.DoesNotContain("0000:02:00.1", refusal.Reason);
        Assert.Contains("echo 0000:02:00.0 > /sys/bus/pci/devices/0000:02:00.0/driver/unbind", refusal.Remedy);
    }

    [Fact]
    public void AddGroup_refused_does_not_keep_the_container_open()
    {
        var kernel = new FakeKernel();
        kernel.AnswerIoctl(VfioIoctl.GroupSetContainer, KernelResult.FailSilently(Errno.EINVAL));
        VfioContainer container = VfioContainer.Open(kernel);
        using VfioGroup group = VfioGroup.Open(kernel, 14);
        Assert.Throws<VfioException>(() => container.AddGroup(group));
        container.Dispose();
        Assert.DoesNotContain("/dev/vfio/vfio", kernel.OpenFiles);
    }

    [Fact]
    public void OpenDevice_refused_names_the_device()
    {
        using var machine = new TestMachine();
        machine.Kernel.AnswerIoctl(VfioIoctl.GroupGetDeviceFd, KernelResult.FailSilently(Errno.ENODEV));
        VfioException refusal = Assert.Throws<VfioException>(() => machine.Group.OpenDevice(TestMachine.Address));
        Assert.Contains("0000:03:00.0", refusal.Subject);
    }

    [Fact]
    public void Unmap_refused_throws_but_Dispose_does_not()
    {
        using var machine = new TestMachine();
        DmaMapping first = machine.Container.MapDma(new Iova(0), 0x7000_0000, 0x1000, DmaAccess.Read);
        DmaMapping second = machine.Container.MapDma(new Iova(0x1000), 0x7000_0000, 0x1000, DmaAccess.Read);
        machine.Kernel.AnswerIoctl(VfioIoctl.IommuUnmapDma, KernelResult.FailSilently(Errno.EINVAL));
        Assert.Throws<VfioException>(() => first.Unmap());
        second.Dispose();
    }

    [Fact]
    public void EnableInterrupt_refused_closes_its_eventfds()
    {
        using var machine = new TestMachine();
        machine.Kernel.AnswerIoctl(VfioIoctl.DeviceSetIrqs, KernelResult.FailSilently(Errno.EINVAL));
        Assert.Throws<VfioException>(() => machine.Device.EnableInterrupt(VfioPciIrqIndex.Msi, 4));
        Assert.DoesNotContain("eventfd", machine.Kernel.OpenFiles);
    }

    [Theory]
    [InlineData(Errno.EACCES)]
    [InlineData(Errno.EBUSY)]
    [InlineData(Errno.ENOENT)]
    [InlineData(Errno.ENXIO)]
    public void Every_refusal_has_a_reason(Errno errno)
    {
        var kernel = new FakeKernel();
        kernel.AnswerOpen("/dev/vfio/3", KernelResult.FailSilently(errno));
        VfioException refusal = Assert.Throws<VfioException>(() => VfioGroup.Open(kernel, 3));
        Assert.NotEmpty(refusal.Reason);
    }
}
