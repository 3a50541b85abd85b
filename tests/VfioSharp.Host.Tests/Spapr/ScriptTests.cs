// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using static VfioSharp.Host.Tests.VfioPci.KernelResultAssert;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>What DPDK and QEMU do with windows, call by call: where it succeeds, and why not where it does not.</summary>
public sealed class ScriptTests
{
    private const ulong Dynamic = 0x0800_0000_0000_0000;

    [Theory]
    [InlineData(PowerMachine.PowerNv, 16)]
    [InlineData(PowerMachine.PowerNvSmallPages, 21)]
    [InlineData(PowerMachine.PowerNvSmallPages, 12)]
    public void DPDK_gets_its_window_at_0_on_powernv(string machine, int pageShift)
    {
        using var session = new SpaprSession(PowerMachine.Load(machine, changed => changed["hugePages"] = 64));
        ulong start = CreateAsDpdk(session, pageShift, 1UL << 40, out uint levels);
        Assert.Equal(0ul, start);

        // One level for a terabyte of small pages passes the largest block, 2^21 entries; DPDK tries more levels.
        Assert.Equal(pageShift == 21 ? 1u : 2u, levels);
        AssertMapsAsDpdk(session, pageShift);
    }

    [Fact]
    public void DPDK_gives_up_on_pseries_where_slot_0_holds_a_dynamic_window_at_bit_59()
    {
        // eal_vfio.c: vfio_spapr_create_dma_window wants 0: "Received unsupported start address".
        using var session = new SpaprSession(PowerMachine.Pseries);
        Assert.Equal(Dynamic, CreateAsDpdk(session, 16, 1UL << 40, out _));
    }

    [Fact]
    public void DPDK_with_4K_pages_and_little_memory_gets_the_default_window_on_pseries()
    {
        using var session = new SpaprSession(PowerMachine.PseriesSmallPages);
        Assert.Equal(0ul, CreateAsDpdk(session, 12, 1UL << 30, out _));
        AssertMapsAsDpdk(session, 12);
    }

    [Theory]
    [InlineData(PowerMachine.PowerNv)]
    [InlineData(PowerMachine.PowerNvSmallPages)]
    [InlineData(PowerMachine.Pseries)]
    [InlineData(PowerMachine.PseriesSmallPages)]
    public void QEMU_gets_its_guests_windows_where_the_guest_has_them(string machine)
    {
        using var session = new SpaprSession(machine);
        ulong memory = session.Registered(0x100000); // the pre-registration listener, a RAM section
        VfioIommuSpaprTceInfo info = session.Info();
        Assert.Equal(KernelResult.Success, session.Remove(info.Dma32WindowStart));

        // spapr_phb: the default window of 1 GiB in 4 KiB pages, then the guest's dynamic one.
        Assert.Equal(KernelResult.Success, AddWindowAsQemu(session, 0, 12, 1UL << 30));
        int shift = session.Page == 4096 ? 12 : 16;
        ulong size = 1UL << (shift + 20);
        Assert.Equal(KernelResult.Success, AddWindowAsQemu(session, Dynamic, shift, size));

        // H_PUT_TCE in both, and the DMA they are for.
        Assert.Equal(KernelResult.Success, session.Map(memory + 0x3000, 0x5000, 0x1000));
        Assert.Equal(KernelResult.Success, session.Map(memory, Dynamic + (5ul << shift), 1ul << shift));
        Assert.True(session.Function.Dma!.Write(new Iova(0x5010), BitConverter.GetBytes(0x11223344)));
        Assert.True(session.Function.Dma.Write(new Iova(Dynamic + (5ul << shift)), BitConverter.GetBytes(0x55667788)));
        session.Process.Load(memory + 0x3010, 4, out ulong value);
        Assert.Equal(0x11223344ul, value);
        session.Process.Load(memory, 4, out value);
        Assert.Equal(0x55667788ul, value);

        // region_del: the whole window unmapped at once, holes and all, then removed.
        Assert.Equal(KernelResult.Success, session.Unmap(Dynamic, size));
        Assert.Equal(KernelResult.Success, session.Remove(Dynamic));
        Assert.Equal(KernelResult.Success, session.Unmap(0, 1UL << 30));
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Assert.Equal(KernelResult.Success, session.Unregister(memory, 0x100000));
        Assert.Equal(0, session.Caller.Locked.Pages);
    }

    [Fact]
    public void QEMU_cannot_have_a_large_window_of_small_pages_on_pseries_where_tables_have_one_level()
    {
        // With 4 KiB pages 2^28 entries are two levels of 2^20 for QEMU; firmware knows none but one.
        using var session = new SpaprSession(PowerMachine.PseriesSmallPages);
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Assert.Equal(KernelResult.Success, AddWindowAsQemu(session, 0, 12, 1UL << 30));
        Refused(Errno.EINVAL, AddWindowAsQemu(session, Dynamic, 12, 1UL << 40));
    }

    [Fact]
    public void QEMU_refuses_a_guests_window_that_the_host_puts_elsewhere()
    {
        // The default window removed by the guest: the next one is in slot 0, at 0 on PowerNV and not at bit 59.
        using var session = new SpaprSession(PowerMachine.PowerNv);
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 36, 1, out ulong start));
        Assert.NotEqual(Dynamic, start);
        Assert.Equal(KernelResult.Success, session.Remove(start));
        Refused(Errno.EINVAL, AddWindowAsQemu(session, Dynamic, 16, 1UL << 36));
        Assert.All(session.Endpoint.Tables, Assert.Null);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void The_map_unmap_test_program_of_POWER_works_in_the_default_window(string machine)
    {
        // vfio-iommu-map-unmap of vfio-ppc-tests: a window it may not get, chunks registered and mapped at 0 on, one UNMAP of all.
        using var session = new SpaprSession(machine);
        _ = session.Create((uint)BitOperations.Log2(session.Page), 1UL << 30, 1, out _);
        const ulong Chunk = 0x10000;
        ulong memory = session.Anonymous(16 * Chunk);
        for (ulong at = 0; at < 16 * Chunk; at += Chunk)
        {
            Assert.Equal(KernelResult.Success, session.Register(memory + at, Chunk));
            Assert.Equal(KernelResult.Success, session.Map(memory + at, at, Chunk));
        }

        Assert.Equal(KernelResult.Success, session.Unmap(0, 1UL << 30));
        for (ulong at = 0; at < 16 * Chunk; at += Chunk) Assert.Equal(KernelResult.Success, session.Unregister(memory + at, Chunk));
        Assert.Equal(0, session.Caller.Registered.Count);
    }

    // eal_vfio.c: vfio_spapr_create_dma_window
    private static ulong CreateAsDpdk(SpaprSession session, int pageShift, ulong size, out uint levels)
    {
        VfioIommuSpaprTceInfo info = session.Info();
        Assert.Equal(KernelResult.Success, session.Remove(info.Dma32WindowStart));
        levels = 1;
        KernelResult created = session.Create((uint)pageShift, size, levels, out ulong start);
        while (created.IsError && levels < info.Ddw.Levels) created = session.Create((uint)pageShift, size, ++levels, out start);
        Assert.Equal(KernelResult.Success, created);
        return start;
    }

    // eal_vfio.c: vfio_spapr_dma_do_map, an IOVA for each virtual address
    private static void AssertMapsAsDpdk(SpaprSession session, int pageShift)
    {
        const ulong Segment = 0x400000;
        ulong memory = session.Anonymous(Segment, kind: pageShift > 16 ? Host.Callers.MemoryKind.Huge : Host.Callers.MemoryKind.Private);
        Assert.Equal(KernelResult.Success, session.Register(memory, Segment));
        Assert.Equal(KernelResult.Success, session.Map(memory, 0x800000, Segment));
        Assert.True(session.Function.Dma!.Write(new Iova(0x800000 + Segment - 8), new byte[8]));
        Assert.Equal(KernelResult.Success, session.Unmap(0x800000, Segment));
        Assert.Equal(KernelResult.Success, session.Unregister(memory, Segment));
    }

    // hw/vfio/spapr.c: vfio_spapr_create_window
    private static KernelResult AddWindowAsQemu(SpaprSession session, ulong offset, int pageShift, ulong size)
    {
        int page = BitOperations.Log2(session.Page), bits = BitOperations.TrailingZeroCount(size >> pageShift), perLevel = page + 8;
        int most = (64 - pageShift) / page;
        KernelResult created = default;
        for (int levels = (bits + perLevel - 1) / perLevel; levels <= most; levels++)
        {
            created = session.Create((uint)pageShift, size, (uint)levels, out ulong start);
            if (created.IsError) continue;
            if (start == offset) return created;
            Assert.Equal(KernelResult.Success, session.Remove(start));
            return KernelResult.Fail(Errno.EINVAL, $"Host doesn't support DMA window at 0x{offset:x}, must be 0x{start:x}");
        }

        return created;
    }
}
