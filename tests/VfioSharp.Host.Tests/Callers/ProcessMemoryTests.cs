// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Callers;

public sealed class ProcessMemoryTests : IDisposable
{
    private const int Read = 1;
    private const int ReadWrite = 3;
    private const ulong Page = 4096;

    private readonly ProcessMemory _memory = Open(null);

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_pinned_range_reads_and_writes_private_memory()
    {
        using MappedMemory pages = Anonymous(4 * Page);
        using IPinnedMemory pinned = _memory.Pin(AddressOf(pages), 4 * Page, forWriting: true)!;
        Assert.Equal(4 * Page, pinned.Length);
        Assert.Equal(4 * Page, pinned.AccountedLength);
        Assert.True(pinned.Write(Page - 2, [1, 2, 3, 4]));
        byte[] back = new byte[4];
        Assert.True(_memory.TryRead(AddressOf(pages) + Page - 2, back));
        Assert.Equal([1, 2, 3, 4], back);
        Assert.True(pinned.Read(Page - 2, back));
        Assert.Equal([1, 2, 3, 4], back);
        Assert.False(pinned.Read(4 * Page - 1, back));
    }

    [Fact]
    public void A_hole_ends_the_range()
    {
        using SafeDescriptor file = NewFile(2 * Page);
        // Two of the mapping's three pages have a file behind them.
        MappedMemory.MapFile(file.Number, 0, 3 * Page, ReadWrite, out MappedMemory? pages);
        using (pages)
        {
            using IPinnedMemory? pinned = _memory.Pin(AddressOf(pages!), 3 * Page, forWriting: true);
            Assert.Equal(2 * Page, pinned!.Length);
            Assert.Null(_memory.Pin(AddressOf(pages!) + 2 * Page, Page, forWriting: false));
        }
    }

    [Fact]
    public void Memory_that_is_not_there_is_not_pinned()
    {
        Assert.Null(_memory.Pin(Page, Page, forWriting: false));
        Assert.Null(_memory.Pin(ulong.MaxValue - Page + 1, Page, forWriting: false));
    }

    [Fact]
    public void A_read_only_mapping_is_pinned_for_reading_only()
    {
        using SafeDescriptor file = NewFile(Page);
        MappedMemory.MapFile(file.Number, 0, Page, Read, out MappedMemory? pages);
        using (pages)
        {
            Assert.Null(_memory.Pin(AddressOf(pages!), Page, forWriting: true));
            using IPinnedMemory? pinned = _memory.Pin(AddressOf(pages!), Page, forWriting: false);
            Assert.NotNull(pinned);
            Assert.False(pinned.Write(0, [1]));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Shared_memory_stays_pinned_after_the_process_unmaps_it(bool sealedFile)
    {
        using SafeDescriptor file = sealedFile ? NewFile(2 * Page) : UnsealedFile(2 * Page);
        MappedMemory.MapFile(file.Number, 0, 2 * Page, ReadWrite, out MappedMemory? pages);
        using IPinnedMemory pinned = _memory.Pin(AddressOf(pages!) + Page, Page, forWriting: true)!;
        pages!.Dispose();
        Assert.True(pinned.Write(8, [42]));
        byte[] back = new byte[1];
        Descriptors.ReadAt(file.Number, back, Page + 8);
        Assert.Equal(42, back[0]);
        Assert.True(pinned.Read(8, back));
        Assert.Equal(42, back[0]);
    }

    [Fact]
    public void A_mapped_region_of_the_host_is_reached_through_it_and_not_accounted()
    {
        using SafeDescriptor file = NewFile(2 * Page);
        Descriptors.Identify(file.Number, out FileIdentity identity, out _);
        Registers registers = new();
        IMappedRegion? Lookup(FileIdentity asked, ulong offset, ulong length, out bool isDevice)
        {
            isDevice = asked == identity;
            return isDevice && offset < Page ? registers : null;
        }

        using ProcessMemory memory = Open(Lookup);
        MappedMemory.MapFile(file.Number, 0, 2 * Page, ReadWrite, out MappedMemory? pages);
        using (pages)
        {
            using IPinnedMemory pinned = memory.Pin(AddressOf(pages!), Page, forWriting: true)!;
            Assert.Equal(0UL, pinned.AccountedLength);
            Assert.True(pinned.Write(4, [1, 2, 3, 4, 5, 6]));
            Assert.Equal([(4UL, 4, 0x04030201UL), (8UL, 2, 0x0605UL)], registers.Stores);
            Assert.Null(memory.Pin(AddressOf(pages!) + Page, Page, forWriting: true));
        }
    }

    [Fact]
    public void The_memory_of_a_process_that_ended_is_gone()
    {
        int id = (int)ChildProgram.Start(new ChildProgramStart(["sleep", "100"])).Value;
        ProcessDescriptor.Open(id, out ProcessDescriptor? process);
        ProcessMemory.Open(id, null, out ProcessMemory? memory);
        using (process)
        using (memory)
        {
            Assert.False(memory!.IsGone);
            process!.Signal(9);
            process.WaitForExit();
            Assert.True(memory.IsGone);
            Assert.Null(memory.Pin(Page, Page, forWriting: false));
        }
    }

    private static ProcessMemory Open(DeviceMemoryLookup? lookup)
    {
        Assert.False(ProcessMemory.Open(Environment.ProcessId, lookup, out ProcessMemory? memory).IsError);
        return memory!;
    }

    private static MappedMemory Anonymous(ulong length)
    {
        MappedMemory.MapAnonymousMemory(length, out MappedMemory? memory);
        return memory!;
    }

    private static SafeDescriptor NewFile(ulong length)
    {
        Assert.False(MemoryFile.Create("pinned", length, out SafeDescriptor? file).IsError);
        return file!;
    }

    private static SafeDescriptor UnsealedFile(ulong length)
    {
        string path = Path.Combine("/dev/shm", Guid.NewGuid().ToString("n"));
        using (FileStream stream = File.Create(path)) stream.SetLength((long)length);
        Descriptors.Open(path, OpenFlags.ReadWrite | OpenFlags.CloseOnExec, out SafeDescriptor? file);
        File.Delete(path);
        return file!;
    }

    private static unsafe ulong AddressOf(MappedMemory memory) => (ulong)memory.Start;

    private sealed class Registers : IMappedRegion
    {
        public List<(ulong Offset, int Width, ulong Value)> Stores { get; } = [];

        public MemoryFault Load(ulong offset, int width, out ulong value)
        {
            value = offset;
            return MemoryFault.None;
        }

        public MemoryFault Store(ulong offset, int width, ulong value)
        {
            Stores.Add((offset, width, value));
            return MemoryFault.None;
        }
    }
}
