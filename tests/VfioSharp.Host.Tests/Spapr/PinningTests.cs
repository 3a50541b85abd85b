// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using static VfioSharp.Host.Tests.VfioPci.KernelResultAssert;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>What MAP_DMA and UNMAP_DMA pin and let go: the review of the driver's version 7 found pages that leaked.</summary>
[Collection(nameof(Alone))]
public sealed class PinningTests
{
    private const ulong Size = 16 * 0x10000;

    /// <summary>A MAP that fails: what is wrong with it, on which machine, in which version.</summary>
    public static TheoryData<string, string, bool> FailingMaps
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (string machine in new[] { PowerMachine.PowerNv, PowerMachine.PowerNvSmallPages, PowerMachine.Pseries, PowerMachine.PseriesSmallPages })
            {
                foreach (bool isV2 in new[] { false, true })
                {
                    foreach (string flaw in new[] { "vaddr", "size", "iova", "hole", "end of memory", "address 0", "read-only", "window's end", "no window", "no direction", "flags", "argsz" }) data.Add(machine, flaw, isV2);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FailingMaps))]
    public void Pinned_memory_is_as_before_after_every_failing_map(string machine, string flaw, bool isV2)
    {
        using var session = new SpaprSession(machine, isV2 ? VfioExtension.SpaprTceV2 : VfioExtension.SpaprTce);
        ulong memory = session.Ready(Size, isV2);
        ulong readOnly = session.Anonymous(0x10000, MemoryProtection.Read);
        ulong hole = session.Anonymous(Size);
        session.Process.Unmap(hole + (4 * session.Page), session.Page);

        // The window stands, its first entries are in use; the failing call comes nowhere near them.
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        (int Ranges, long Bytes, long Locked, ulong Entries, long Held) before = Measure(session, memory);
        ulong end = session.Window.Start + (session.Window.Entries << session.Window.PageShift);
        KernelResult result = flaw switch
        {
            "vaddr" => session.Map(memory + 0x800, 0x100000, 0x10000),
            "size" => session.Map(memory, 0x100000, 0x10800),
            "iova" => session.Map(memory, 0x100800, 0x10000),
            "hole" => session.Map(hole, 0x100000, Size),
            "end of memory" => session.Map(isV2 ? memory + Size - 0x10000 : hole, 0x100000, Size),
            "address 0" => session.Map(0, 0x100000, 0x10000),
            "read-only" => session.Map(readOnly, 0x100000, 0x10000),
            "window's end" => session.Map(memory, end - 0x10000, 0x20000),
            "no window" => session.Map(memory, end + 0x10000, 0x10000),
            "no direction" => session.Map(memory, 0x100000, 0x10000, flags: 0),
            "flags" => session.Map(memory, 0x100000, 0x10000, flags: 7),
            _ => session.Ioctl(session.Container, VfioIoctl.IommuMapDma, ref Short(memory)),
        };
        Assert.NotEqual(0, result.RawValue);
        Assert.False(string.IsNullOrEmpty(result.Reason));
        Assert.Equal(before, Measure(session, memory));
        Assert.Equal(KernelResult.Success, session.Unmap(0, 0x10000));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void A_failing_map_over_others_lets_their_pages_go_once(string machine)
    {
        using var session = new SpaprSession(machine, VfioExtension.SpaprTce);
        ulong memory = session.Ready(Size, isV2: false);
        ulong hole = session.Anonymous(Size);
        session.Process.Unmap(hole + Size - session.Page, session.Page);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, Size));
        Assert.Equal(1, session.Platform.Memory.Count);

        // What it overwrote before it failed is lost, as in the kernel; the last page is still the first map's.
        Refused(Errno.EFAULT, session.Map(hole, 0, Size));
        Assert.Equal(session.Page / 4096, session.Window.Contents!.CountEntries(Size >> 12));
        Assert.Equal(1, session.Platform.Memory.Count);
        Assert.Equal(KernelResult.Success, session.Unmap(0, Size));
        Assert.Equal(0, session.Platform.Memory.Count);
    }

    [Fact]
    public void Memory_given_back_by_the_process_is_freed_when_the_last_entry_goes()
    {
        long before = MemoryBacking.LiveBytes;
        using (var session = new SpaprSession(PowerMachine.Pseries, VfioExtension.SpaprTce))
        {
            ulong memory = session.Ready(Size, isV2: false);
            Assert.Equal(KernelResult.Success, session.Map(memory, 0, Size));
            session.Process.Unmap(memory, Size);
            Assert.True(MemoryBacking.LiveBytes >= before + (long)Size);
            Assert.True(session.Function.Dma!.Write(new Iova(Size - 8), new byte[8]), "the entries keep the memory");
            Assert.Equal(KernelResult.Success, session.Unmap(0, Size));
            Assert.False(session.Function.Dma.Write(new Iova(Size - 8), new byte[8]));
        }

        Assert.Equal(before, MemoryBacking.LiveBytes);
    }

    [Theory]
    [InlineData(PowerMachine.PowerNv, 1u, TcePermission.Read)]
    [InlineData(PowerMachine.PowerNv, 2u, TcePermission.ReadWrite)] // The bridge takes no entry that is written only.
    [InlineData(PowerMachine.PowerNv, 3u, TcePermission.ReadWrite)]
    [InlineData(PowerMachine.Pseries, 1u, TcePermission.Read)]
    [InlineData(PowerMachine.Pseries, 2u, TcePermission.Write)]
    [InlineData(PowerMachine.Pseries, 3u, TcePermission.ReadWrite)]
    public void Map_puts_an_entry_with_the_direction_that_PUT_had(string machine, uint flags, object expected)
    {
        using var session = new SpaprSession(machine);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0x20000, 0x10000, flags));
        Assert.Equal((TcePermission)expected, (TcePermission)session.Entry(0x20000) & TcePermission.ReadWrite);
        Assert.Equal(session.Entry(0x20000) + 0x1000, session.Entry(0x21000));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void Unmap_is_PUT_of_nothing_and_frees_the_old_entry(string machine)
    {
        using var session = new SpaprSession(machine, VfioExtension.SpaprTce);
        ulong memory = session.Ready(0x10000, isV2: false);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.Equal(KernelResult.Success, session.Unmap(0x1000, 0x1000));
        Assert.Equal(0ul, session.Entry(0x1000));
        Assert.NotEqual(0ul, session.Entry(0x2000));
        Assert.Equal(1, session.Platform.Memory.Count);
        Assert.Equal(KernelResult.Success, session.Unmap(0, 0x10000));
        Assert.Equal(0, session.Platform.Memory.Count);
        Assert.Equal(KernelResult.Success, session.Unmap(0, 0x10000));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void Map_over_an_entry_is_PUT_and_frees_the_old_one(string machine)
    {
        using var session = new SpaprSession(machine, VfioExtension.SpaprTce);
        ulong first = session.Ready(0x10000, isV2: false), second = session.Anonymous(0x10000);
        session.Process.Store(second, 8, 0x1234);
        Assert.Equal(KernelResult.Success, session.Map(first, 0, 0x10000));
        Assert.Equal(KernelResult.Success, session.Map(second, 0, 0x10000));
        Assert.Equal(1, session.Platform.Memory.Count);
        var read = new byte[8];
        Assert.True(session.Function.Dma!.Read(new Iova(0), read));
        Assert.Equal(0x1234ul, BitConverter.ToUInt64(read));
    }

    [Fact]
    public void One_page_mapped_twice_is_kept_until_both_entries_are_gone()
    {
        using var session = new SpaprSession(PowerMachine.PowerNv, VfioExtension.SpaprTce);
        ulong memory = session.Ready(0x10000, isV2: false);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.Equal(KernelResult.Success, session.Map(memory, 0x10000, 0x10000));
        Assert.Equal(KernelResult.Success, session.Unmap(0, 0x10000));
        Assert.True(session.Function.Dma!.Write(new Iova(0x10000), new byte[8]));
        Assert.Equal(KernelResult.Success, session.Unmap(0x10000, 0x10000));
        Assert.Equal(0, session.Platform.Memory.Count);
    }

    private static (int Ranges, long Bytes, long Locked, ulong Entries, long Held) Measure(SpaprSession session, ulong memory) =>
        (session.Platform.Memory.Count, MemoryBacking.LiveBytes, session.Caller.Locked.Pages,
            session.Window.Contents!.CountEntries(session.Window.Entries), session.Caller.Registered.Lookup(memory, 1)?.Entries ?? 0);

    private static ref VfioIommuType1DmaMap Short(ulong memory)
    {
        var maps = new[] { new VfioIommuType1DmaMap { Argsz = 31, Flags = 3, Vaddr = memory, Iova = 0x100000, Size = 0x10000 } };
        return ref maps[0];
    }
}
