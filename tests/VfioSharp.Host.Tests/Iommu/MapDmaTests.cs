// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Iommu;
using VfioSharp.Host.Iommu.Type1;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Iommu;

public sealed class MapDmaTests : IDisposable
{
    private const ulong Page = Type1Session.Page;

    private readonly Type1Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void MapDma_overlapping_range_returns_EEXIST_and_names_both()
    {
        ulong memory = _session.Anonymous(4 * Page);
        Assert.Equal(KernelResult.Success, _session.Map(memory, 0x10000, 2 * Page));
        KernelResult second = _session.Map(memory, 0x11000, 2 * Page);
        Assert.Equal(Errno.EEXIST, second.Errno);
        Assert.Contains("0x11000", second.Reason, StringComparison.Ordinal);
        Assert.Contains("0x10000", second.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void MapDma_in_the_MSI_window_returns_EINVAL() =>
        Assert.Equal(Errno.EINVAL, _session.Map(_session.Anonymous(Page), 0xfee00000, Page).Errno);

    [Theory]
    [InlineData(0x10800UL, 0UL, 0x1000UL, Errno.EINVAL)]
    [InlineData(0x10000UL, 0x800UL, 0x1000UL, Errno.EINVAL)]
    [InlineData(0x10000UL, 0UL, 0x800UL, Errno.EINVAL)]
    [InlineData(0x10000UL, 0UL, 0UL, Errno.EINVAL)]
    [InlineData(0xfffffffffffff000UL, 0UL, 0x2000UL, Errno.EOVERFLOW)]
    [InlineData(0x1000000000000UL, 0UL, 0x1000UL, Errno.EINVAL)]
    public void MapDma_bad_range_is_refused(ulong iova, ulong vaddrOffset, ulong size, Errno errno) =>
        Assert.Equal(errno, _session.Map(_session.Anonymous(4 * Page) + vaddrOffset, iova, size).Errno);

    [Fact]
    public void MapDma_over_the_memlock_limit_returns_ENOMEM_and_charges_nothing()
    {
        _session.Process.Limits.Drop((int)Capability.IpcLock);
        _session.Process.Limits.SetMemlock(4 * Page);
        AssertFailsWithoutTrace(Errno.ENOMEM, () => _session.Map(_session.Anonymous(8 * Page), 0x10000, 5 * Page));
        Assert.Equal(KernelResult.Success, _session.Map(_session.Anonymous(4 * Page), 0x10000, 4 * Page));
    }

    [Fact]
    public void MapDma_with_a_hole_returns_EFAULT_and_charges_nothing()
    {
        ulong memory = _session.Anonymous(8 * Page);
        _session.Process.Unmap(memory + (5 * Page), Page);
        AssertFailsWithoutTrace(Errno.EFAULT, () => _session.Map(memory, 0x10000, 8 * Page));
    }

    [Fact]
    public void MapDma_of_read_only_memory_for_writing_returns_EFAULT_and_charges_nothing()
    {
        ulong memory = _session.Anonymous(Page, MemoryProtection.Read);
        AssertFailsWithoutTrace(Errno.EFAULT, () => _session.Map(memory, 0x10000, Page));
    }

    [Fact]
    public void MapDma_without_entries_left_returns_ENOSPC_and_charges_nothing()
    {
        using var session = new Type1Session(new TestPlatform(1) { EntryLimit = 1 });
        ulong memory = session.Anonymous(2 * Page);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0x10000, Page));
        Assert.Equal(Errno.ENOSPC, session.Map(memory, 0x20000, Page).Errno);
        Assert.Equal(1, session.Process.Caller.Locked.Pages);
        Assert.Equal(KernelResult.Success, session.Unmap(0x10000, Page));
        Assert.Equal(KernelResult.Success, session.Map(memory, 0x20000, Page));
    }

    [Fact]
    public void MapDma_too_large_to_track_returns_EINVAL_and_charges_nothing()
    {
        // 2^31 pages: no modelled memory is that large, so the caller's memory here only claims to be.
        var files = new SoftwareFileTable();
        var caller = new Caller("huge", new BoundlessMemory(), files, new ProcessLimits(), 4096);
        new Type1Module(4096, new Type1Parameters(10), Fidelity.Linux).Open(VfioExtension.Type1V2, out IIommuDriver? driver);
        Assert.Equal(KernelResult.Success, driver!.AttachGroup(Wide()));
        BoundlessMemory.Argument(caller, new VfioIommuType1DirtyBitmap { Argsz = 8, Flags = VfioIommuDirtyPagesFlags.Start });
        Assert.Equal(KernelResult.Success, driver.Ioctl(caller, VfioIoctl.IommuDirtyPages, 0));
        BoundlessMemory.Argument(caller, new VfioIommuType1DmaMap { Argsz = 32, Flags = 3, Size = 1UL << 43 });
        KernelResult result = driver.Ioctl(caller, VfioIoctl.IommuMapDma, 0);
        Assert.Equal(Errno.EINVAL, result.Errno);
        Assert.Contains("2147483647 pages", result.Reason, StringComparison.Ordinal);
        Assert.Equal(0, caller.Locked.Pages);
        Assert.Equal(0, ((BoundlessMemory)caller.Memory).Pinned);
    }

    [Fact]
    public void MapDma_after_the_last_group_left_is_refused()
    {
        // Only an ioctl that overlaps the leaving gets this far: the container has no driver any more.
        var caller = new Caller("late", new BoundlessMemory(), new SoftwareFileTable(), new ProcessLimits(), 4096);
        new Type1Module(4096, new Type1Parameters(10), Fidelity.Linux).Open(VfioExtension.Type1V2, out IIommuDriver? driver);
        IommuGroup group = Wide();
        Assert.Equal(KernelResult.Success, driver!.AttachGroup(group));
        driver.DetachGroup(group);
        BoundlessMemory.Argument(caller, new VfioIommuType1DmaMap { Argsz = 32, Flags = 3, Size = 4096 });
        Assert.Equal(Errno.EINVAL, driver.Ioctl(caller, VfioIoctl.IommuMapDma, 0).Errno);
        Assert.Equal(0, caller.Locked.Pages);
    }

    private static IommuGroup Wide() => new(new PlatformGroup(1, [], [], 0x1000, new Iova(0), new Iova(ulong.MaxValue)));

    [Fact]
    public void MapDma_pins_what_is_there_and_later_replacement_is_not_seen()
    {
        ulong memory = _session.Anonymous(Page);
        _session.Process.Store(memory, 4, 0x11223344);
        Assert.Equal(KernelResult.Success, _session.Map(memory, 0x10000, Page));
        _session.Process.Unmap(memory, Page);
        Span<byte> read = stackalloc byte[4];
        Assert.True(_session.Function.Dma!.Read(new Iova(0x10000), read));
        Assert.Equal([0x44, 0x33, 0x22, 0x11], read.ToArray());
    }

    [Fact]
    public void Dma_after_unmap_is_dropped_and_recorded()
    {
        ulong memory = _session.Anonymous(Page);
        Assert.Equal(KernelResult.Success, _session.Map(memory, 0x10000, Page));
        Assert.True(_session.Function.Dma!.Write(new Iova(0x10000), [1, 2, 3]));
        Assert.Equal(KernelResult.Success, _session.Unmap(0x10000, Page));
        Assert.False(_session.Function.Dma!.Write(new Iova(0x10000), [9, 9, 9]));
        _session.Process.Load(memory, 4, out ulong value);
        Assert.Equal(0x030201UL, value);
        Assert.Equal(0x10000UL, _session.Host.Faults.Recent()[^1].Iova.Value);
    }

    [Fact]
    public void Unset_container_unmaps_unpins_and_uncharges_everything()
    {
        for (ulong i = 0; i < 100; i++) Assert.Equal(KernelResult.Success, _session.Map(_session.Anonymous(Page), 0x10000 + (i * Page), Page));
        Assert.Equal(100, _session.Process.Caller.Locked.Pages);
        Assert.Equal(KernelResult.Success, _session.Process.Ioctl(_session.Group, VfioIoctl.GroupUnsetContainer, 0));
        Assert.Equal(0, _session.Process.Caller.Locked.Pages);
        Assert.False(_session.Function.Dma!.Read(new Iova(0x10000), new byte[4]));
    }

    private void AssertFailsWithoutTrace(Errno errno, Func<KernelResult> map)
    {
        long pages = _session.Process.Caller.Locked.Pages;
        uint entries = _session.EntriesLeft();
        KernelResult result = map();
        Assert.Equal(errno, result.Errno);
        Assert.Equal(pages, _session.Process.Caller.Locked.Pages);
        Assert.Equal(entries, _session.EntriesLeft());
    }

    /// <summary>Memory that pins whatever is asked, and holds one argument at address 0.</summary>
    private sealed class BoundlessMemory : ICallerMemory
    {
        private readonly byte[] _argument = new byte[64];

        public int PageSize => 4096;

        public int Pinned { get; private set; }

        public static void Argument<T>(Caller caller, T value)
            where T : unmanaged => MemoryMarshal.Write(((BoundlessMemory)caller.Memory)._argument, value);

        public bool TryRead(ulong address, Span<byte> destination) => _argument.AsSpan(0, destination.Length).TryCopyTo(destination);

        public bool TryWrite(ulong address, ReadOnlySpan<byte> source) => source.TryCopyTo(_argument);

        public IPinnedMemory? Pin(ulong address, ulong length, bool forWriting)
        {
            Pinned++;
            return new Pages(this, length);
        }

        private sealed class Pages(BoundlessMemory owner, ulong length) : IPinnedMemory
        {
            public ulong Length => length;

            public ulong AccountedLength => length;

            public bool Read(ulong offset, Span<byte> destination) => true;

            public bool Write(ulong offset, ReadOnlySpan<byte> source) => true;

            public void Dispose() => owner.Pinned--;
        }
    }
}
