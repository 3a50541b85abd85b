// SPDX-License-Identifier: MIT
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Platforms.PowerNv;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>Sizes of tables and edges of windows against integers that do not wrap.</summary>
[Collection(nameof(Alone))]
public sealed class WindowArithmeticTests
{
    /// <summary>Shapes whose arithmetic fits 64 bits: a window of a page or more, and a table that has a size.</summary>
    private static Gen<(int Page, int Window, int Levels, int System)> Shapes =>
        from page in Gen.Elements(12, 16, 21, 24, 30, 34)
        from window in Gen.Choose(page, 59)
        from levels in Gen.Choose(1, 5)
        from system in Gen.Elements(12, 16)
        select (page, window, levels, system);

    [Fact]
    public void PowerNv_charges_a_table_and_its_copy_as_big_integers_have_it()
    {
        Prop.ForAll(Shapes.ToArbitrary(), shape =>
        {
            (int page, int window, int levels, int system) = shape;
            BigInteger entries = BigInteger.One << (window - page);
            int perLevel = (window - page + levels - 1) / levels;
            BigInteger level = BigInteger.Max(BigInteger.One << (perLevel + 3), BigInteger.One << system);
            BigInteger table = BigInteger.Max(entries * 8, 4096), bytes = 0;
            for (int i = 0; i < levels; i++)
            {
                bytes += (table + level - 1) / level * level;
                table = BigInteger.Max(table / level * 8, level);
            }

            return 2 * bytes == PowerNvTableSize.Charge((uint)page, 1UL << window, (uint)levels, system);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_PowerNv_charges_is_enough_for_the_table_filled()
    {
        Gen<(int Page, int Window, int Levels, int System)> small = Shapes.Where(shape => shape.Window - shape.Page is <= 18 and >= 1);
        Prop.ForAll(small.ToArbitrary(), shape =>
        {
            (int page, int window, int levels, int system) = shape;
            if (!PowerNvTableSize.TryLayOut((uint)page, 1UL << window, (uint)levels, system, out int levelBits, out ulong entries)) return true;
            using TceTable table = TceTable.TryCreate(levels, levelBits)!;
            if (entries > table.Capacity || entries < 1UL << (window - page)) return false;
            for (ulong index = 0; index < 1UL << (window - page); index += Math.Max(table.LevelSize / 2, 1))
            {
                if (!table.TryPut(index, 3)) return false;
            }

            return 2 * (ulong)table.AllocatedBytes <= PowerNvTableSize.Charge((uint)page, 1UL << window, (uint)levels, system);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void PowerNv_lays_out_what_55_bits_can_walk()
    {
        Prop.ForAll(Shapes.ToArbitrary(), shape =>
        {
            (int page, int window, int levels, int system) = shape;
            int perLevel = Math.Max((window - page + levels - 1) / levels, system - 3);
            bool canBe = (perLevel * levels) + page < 55;
            bool laidOut = PowerNvTableSize.TryLayOut((uint)page, 1UL << window, (uint)levels, system, out int levelBits, out ulong entries);
            return laidOut == canBe && (!canBe || (levelBits == perLevel && entries == BigInteger.Max(BigInteger.One << (window - page), BigInteger.One << (system - 3))));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0ul, 1u)]
    [InlineData(3ul << 30, 1u)]
    [InlineData(1ul << 30, 0u)]
    [InlineData(1ul << 30, 6u)]
    public void PowerNv_has_no_table_of_other_shapes(ulong window, uint levels)
    {
        Assert.Equal(0ul, PowerNvTableSize.Charge(12, window, levels, 12));
        Assert.False(PowerNvTableSize.TryLayOut(12, window, levels, 12, out _, out _));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void A_range_meets_the_windows_as_big_integers_say(string machine)
    {
        using var session = new SpaprSession(machine);
        session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Unmap(0, 0));
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out _));
        IommuTable[] windows = [.. session.Endpoint.Tables.Select(table => table!)];
        Assert.Equal(2, windows.Length);
        Gen<ulong> near = from window in Gen.Elements(windows)
                          from edge in Gen.Elements(window.Start, window.Start + (window.Entries << window.PageShift))
                          from distance in Gen.Choose(-0x40, 0x40)
                          from unit in Gen.Elements(1L, 0x800L, 0x1000L, 0x10000L)
                          select unchecked(edge + (ulong)(distance * unit));
        Gen<ulong> wild = Gen.Elements(0ul, 0x1000ul, 0x10000ul, 1ul << 32, ulong.MaxValue, ulong.MaxValue - 0xfff, ulong.MaxValue - 0xffff, 1ul << 63);
        var cases = from iova in Gen.OneOf(near, wild)
                    from size in Gen.OneOf(near, wild, Gen.Choose(0, 64).Select(pages => (ulong)pages << 12))
                    select (iova, size);
        Prop.ForAll(Arb.From(cases, _ => []), range =>
        {
            KernelResult result = session.Unmap(range.iova, range.size);
            return result.RawValue == Expected(windows, range.iova, range.size);
        }).QuickCheckThrowOnFailure();
    }

    private static long Expected(IommuTable[] windows, BigInteger iova, BigInteger size)
    {
        IommuTable? window = windows.FirstOrDefault(window =>
        {
            BigInteger page = iova / window.PageSize;
            return page >= window.FirstEntry && page < (BigInteger)window.FirstEntry + window.Entries;
        });
        if (window is null) return -(long)Errno.ENXIO;
        if (size % window.PageSize != 0) return -(long)Errno.EINVAL;
        if (iova % window.PageSize != 0) return 1;
        BigInteger end = ((BigInteger)window.FirstEntry + window.Entries) * window.PageSize;
        return iova + size > end ? 1 : 0;
    }
}
