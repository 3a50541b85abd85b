// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Kernel.Tests;

public sealed class LinuxKernelTests : IDisposable
{
    private readonly LinuxKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void Open_of_a_missing_node_is_ENOENT_without_a_reason()
    {
        KernelResult result = _kernel.Open("/dev/vfio/no-such-node", OpenMode.ReadWrite);
        Assert.Equal(Errno.ENOENT, result.Errno);
        Assert.Null(result.Reason);
    }

    [Fact]
    public void Ioctl_with_a_struct_reaches_the_kernel()
    {
        int descriptor = (int)_kernel.Open("/dev/null", OpenMode.ReadWrite).Value;
        Assert.Equal(Errno.ENOTTY, _kernel.Ioctl(descriptor, 0x3b6b, new byte[16]).Errno);
        Assert.True(_kernel.Close(descriptor).IsSuccess);
    }

    [Theory]
    [InlineData(1, 0x88UL)]
    [InlineData(2, 0x7788UL)]
    [InlineData(4, 0x55667788UL)]
    [InlineData(8, 0x1122334455667788UL)]
    public void A_store_is_read_back_at_every_width(int width, ulong expected)
    {
        Assert.True(_kernel.AllocateMemory(4096, out VfioMapping? memory).IsSuccess);
        using (memory)
        {
            Assert.Equal(MemoryFault.None, memory!.Store(8, 8, 0));
            Assert.Equal(MemoryFault.None, memory.Store(8, width, 0x1122334455667788));
            Assert.Equal(MemoryFault.None, memory.Load(8, 8, out ulong value));
            Assert.Equal(expected, value);
            Assert.Equal(0UL, memory.Address % (ulong)_kernel.PageSize);
        }
    }

    [Theory]
    [InlineData(4093, 4)]
    [InlineData(ulong.MaxValue, 1)]
    public void A_load_beyond_the_mapping_is_a_segmentation_fault(ulong offset, int width)
    {
        _kernel.AllocateMemory(4096, out VfioMapping? memory);
        using (memory) Assert.Equal(MemoryFault.Segmentation, memory!.Load(offset, width, out _));
    }

    [Fact]
    public void Blocks_are_copied_and_bounded()
    {
        _kernel.AllocateMemory(4096, out VfioMapping? memory);
        using (memory)
        {
            Assert.Equal(MemoryFault.None, memory!.Write(4090, [1, 2, 3, 4, 5, 6]));
            byte[] back = new byte[6];
            Assert.Equal(MemoryFault.None, memory.Read(4090, back));
            Assert.Equal([1, 2, 3, 4, 5, 6], back);
            Assert.Equal(MemoryFault.Segmentation, memory.Write(4091, back));
        }
    }

    [Fact]
    public void WaitEvent_times_out_then_returns_the_count()
    {
        int e = (int)_kernel.CreateEvent().Value;
        Assert.Equal(Errno.ETIMEDOUT, _kernel.WaitEvent(e, 5, out _).Errno);
        Assert.True(_kernel.SignalEvent(e, 5).IsSuccess);
        Assert.True(_kernel.WaitEvent(e, 1000, out ulong count).IsSuccess);
        Assert.Equal(5UL, count);
        _kernel.Close(e);
    }

    [Fact]
    public void Text_attributes_are_written_and_read()
    {
        string path = Path.GetTempFileName();
        try
        {
            Assert.True(_kernel.WriteText(path, "vfio-pci").IsSuccess);
            Assert.True(_kernel.ReadText(path, out string? text).IsSuccess);
            Assert.Equal("vfio-pci", text);
            Assert.Equal(Errno.ENOENT, _kernel.ReadText(path + ".absent", out _).Errno);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ListNames_is_sorted_and_refuses_what_is_no_folder()
    {
        Assert.True(_kernel.ListNames("/proc/self", out IReadOnlyList<string>? names).IsSuccess);
        Assert.Contains("status", names!);
        Assert.Equal(names!.Order(StringComparer.Ordinal), names);
        Assert.Equal(Errno.ENOTDIR, _kernel.ListNames("/dev/null", out _).Errno);
        Assert.Equal(Errno.ENOENT, _kernel.ListNames("/no/such/folder", out _).Errno);
    }
}
