// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Tests;

/// <summary>What the client asks of a kernel with POWER's IOMMU.</summary>
public sealed class SpaprTests
{
    [Fact]
    public void GetInfo_of_a_container_with_windows_is_refused_before_the_kernel_misreads_it()
    {
        using VfioContainer container = Open(new FakeKernel());
        Assert.Contains("Spapr.GetInfo()", Assert.Throws<InvalidOperationException>(container.GetInfo).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spapr_is_null_on_Type1()
    {
        using var container = VfioContainer.Open(new FakeKernel());
        container.SetIommu(IommuType.Type1);
        Assert.Null(container.Spapr);
    }

    [Fact]
    public void RegisterMemory_names_address_and_size()
    {
        var kernel = new FakeKernel();
        using VfioContainer container = Open(kernel);
        using RegisteredMemory memory = container.Spapr!.RegisterMemory(0x7000_0000, 0x3000);
        VfioIommuSpaprRegisterMemory asked = MemoryMarshal.Read<VfioIommuSpaprRegisterMemory>(kernel.LastArgument);
        Assert.Equal((24u, 0u, 0x7000_0000ul, 0x3000ul), (asked.Argsz, asked.Flags, asked.Vaddr, asked.Size));
    }

    [Fact]
    public void RegisterMemory_that_pinned_a_part_only_throws_EFAULT()
    {
        var kernel = new FakeKernel();
        kernel.AnswerIoctl(VfioIoctl.IommuSpaprRegisterMemory, KernelResult.Ok(3));
        using VfioContainer container = Open(kernel);
        Assert.Equal(Errno.EFAULT, Assert.Throws<VfioException>(() => container.Spapr!.RegisterMemory(0, 0x4000)).Errno);
    }

    [Fact]
    public void MapDma_that_returned_1_throws_EINVAL()
    {
        var kernel = new FakeKernel();
        kernel.AnswerIoctl(VfioIoctl.IommuMapDma, KernelResult.Odd(1, "iova 0x10 is no multiple of the window's pages"));
        using VfioContainer container = Open(kernel);
        VfioException refusal = Assert.Throws<VfioException>(() => container.MapDma(new Iova(0x10), 0x1000, 0x1000, DmaAccess.Read));
        Assert.Equal((Errno.EINVAL, "iova 0x10 is no multiple of the window's pages"), (refusal.Errno, refusal.Reason));
    }

    [Fact]
    public void CreateWindow_passes_the_page_size_as_its_logarithm()
    {
        var kernel = new FakeKernel();
        using VfioContainer container = Open(kernel);
        using DmaWindow window = container.Spapr!.CreateWindow(0x10000, 1ul << 40, 3);
        VfioIommuSpaprTceCreate asked = MemoryMarshal.Read<VfioIommuSpaprTceCreate>(kernel.LastArgument);
        Assert.Equal((40u, 16u, 1ul << 40, 3u), (asked.Argsz, asked.PageShift, asked.WindowSize, asked.Levels));
    }

    [Fact]
    public void CreateWindow_of_a_page_that_is_no_power_of_two_never_reaches_the_kernel()
    {
        var kernel = new FakeKernel();
        using VfioContainer container = Open(kernel);
        Assert.Throws<ArgumentOutOfRangeException>(() => container.Spapr!.CreateWindow(0x3000, 1ul << 40));
        Assert.DoesNotContain(kernel.Log, line => line.Contains($"0x{VfioIoctl.IommuSpaprTceCreate:x}", StringComparison.Ordinal));
    }

    [Fact]
    public void Buffer_is_unmapped_then_unregistered_then_freed()
    {
        var kernel = new FakeKernel();
        using VfioContainer container = Open(kernel);
        DmaBuffer buffer = container.AllocateDma(new Iova(0), 0x1000, DmaAccess.Read);
        kernel.Log.Clear();
        buffer.Dispose();
        Assert.Equal(
            [$"ioctl 0x{VfioIoctl.IommuUnmapDma:x} {VfioContainer.NodePath}", $"ioctl 0x{VfioIoctl.IommuSpaprUnregisterMemory:x} {VfioContainer.NodePath}", "munmap"],
            kernel.Log);
    }

    [Fact]
    public void Container_stays_open_for_its_windows_and_memory()
    {
        var kernel = new FakeKernel();
        VfioContainer container = Open(kernel);
        DmaWindow window = container.Spapr!.CreateWindow(0x1000, 1ul << 30);
        RegisteredMemory memory = container.Spapr.RegisterMemory(0, 0x1000);
        container.Dispose();
        window.Dispose();
        Assert.Contains(VfioContainer.NodePath, kernel.OpenFiles);
        memory.Dispose();
        Assert.DoesNotContain(VfioContainer.NodePath, kernel.OpenFiles);
    }

    private static VfioContainer Open(FakeKernel kernel)
    {
        var container = VfioContainer.Open(kernel);
        container.SetIommu(IommuType.SpaprTceV2);
        return container;
    }
}
