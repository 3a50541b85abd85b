// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>A table of any number of levels against a dictionary.</summary>
[Collection(nameof(Alone))]
public sealed class TceTablePropertyTests
{
    private enum Step
    {
        Put,
        Exchange,
        Indirect,
        Stuff,
        StuffNothing,
        Clear,
        Next,
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(2, 5)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(5, 2)]
    public void A_table_is_a_dictionary_of_its_entries(int levels, int levelBits)
    {
        ulong capacity = 1UL << (levels * levelBits);
        Gen<(Step Kind, ulong Index, ulong Count, ulong Tce)> steps =
            from kind in Gen.Elements(Enum.GetValues<Step>())
            from index in Gen.Choose(0, (int)capacity - 1)
            from count in Gen.Choose(0, 40)
            from tce in Gen.Elements(0ul, 0x1001ul, 0x2002ul, 0xfff_ffff_ffff_f003ul, 0x8000_0000_0000_0003ul)
            select (kind, (ulong)index, Math.Min((ulong)count, capacity - (ulong)index), tce);
        Prop.ForAll(steps.ListOf().ToArbitrary(), sequence => Agree(levels, levelBits, sequence)).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1, 12)]
    [InlineData(3, 4)]
    [InlineData(5, 9)]
    public void Lower_levels_are_made_by_the_first_entry_below_them_and_freed_with_the_table(int levels, int levelBits)
    {
        long before = TceTable.LiveBytes, level = 8L << levelBits;
        TceTable table = TceTable.TryCreate(levels, levelBits)!;
        Assert.Equal(level, table.AllocatedBytes);
        table.Clear(0, table.Capacity);
        Assert.True(table.TryExchange(table.Capacity - 1, 0, out _));
        Assert.Equal(0ul, table.Read(table.Capacity / 2));
        Assert.Equal(level, table.AllocatedBytes);

        Assert.True(table.TryPut(0, 3));
        Assert.Equal(level * levels, table.AllocatedBytes);
        Assert.True(table.TryPut(table.Capacity - 1, 3));
        Assert.Equal(level * ((2 * levels) - 1), table.AllocatedBytes);
        Assert.Equal(2ul, table.CountEntries(table.Capacity));

        // Levels stay until the table goes.
        table.Clear(0, table.Capacity);
        Assert.Equal(level * ((2 * levels) - 1), table.AllocatedBytes);
        Assert.Equal(before + table.AllocatedBytes, TceTable.LiveBytes);
        table.Dispose();
        Assert.Equal(before, TceTable.LiveBytes);
    }

    [Fact]
    public void Threads_that_make_the_same_levels_lose_no_entry()
    {
        long before = TceTable.LiveBytes;
        using (TceTable table = TceTable.TryCreate(4, 3)!)
        {
            ulong capacity = table.Capacity;
            Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                for (ulong index = (ulong)i; index < capacity; index += 8) Assert.True(table.TryPut(index, (index << 12) | 3));
            }))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            for (ulong index = 0; index < capacity; index++) Assert.Equal((index << 12) | 3, table.Read(index));
            Assert.Equal((1L + 8 + 64 + 512) * 64, table.AllocatedBytes);
        }

        Assert.Equal(before, TceTable.LiveBytes);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(6, 4)]
    [InlineData(5, 13)]
    public void A_shape_that_no_hardware_walks_is_a_programmers_mistake(int levels, int levelBits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TceTable.TryCreate(levels, levelBits));

    [Fact]
    public void No_memory_for_the_first_level_is_no_table() => Assert.Null(TceTable.TryCreate(1, 55));

    private static bool Agree(int levels, int levelBits, IEnumerable<(Step Kind, ulong Index, ulong Count, ulong Tce)> sequence)
    {
        using TceTable table = TceTable.TryCreate(levels, levelBits)!;
        var model = new SortedDictionary<ulong, ulong>();
        foreach ((Step kind, ulong index, ulong count, ulong tce) in sequence)
        {
            switch (kind)
            {
                case Step.Put:
                    if (!table.TryPut(index, tce)) return false;
                    Set(model, index, tce);
                    break;
                case Step.Exchange:
                    if (!table.TryExchange(index, tce, out ulong old) || old != model.GetValueOrDefault(index)) return false;
                    Set(model, index, tce);
                    break;
                case Step.Indirect:
                    ulong[] list = [.. Enumerable.Range(0, (int)count).Select(i => i % 3 == 2 ? 0 : tce + ((ulong)i << 12))];
                    if (!table.TryPutIndirect(index, list)) return false;
                    for (int i = 0; i < list.Length; i++) Set(model, index + (ulong)i, list[i]);
                    break;
                case Step.Stuff or Step.StuffNothing:
                    ulong value = kind == Step.Stuff ? tce : 0;
                    if (!table.TryStuff(index, value, count)) return false;
                    for (ulong i = 0; i < count; i++) Set(model, index + i, value);
                    break;
                case Step.Clear:
                    table.Clear(index, count);
                    for (ulong i = 0; i < count; i++) model.Remove(index + i);
                    break;
                default:
                    ulong next = index, end = index + count;
                    ulong? expected = model.Keys.Where(key => key >= index && key < end).Cast<ulong?>().FirstOrDefault();
                    if (table.TryNext(ref next, end) != expected.HasValue || (expected is { } at && next != at)) return false;
                    break;
            }
        }

        if (table.CountEntries(table.Capacity) != (ulong)model.Count) return false;
        for (ulong index = 0; index < table.Capacity; index++)
        {
            if (table.Read(index) != model.GetValueOrDefault(index)) return false;
        }

        return true;
    }

    private static void Set(SortedDictionary<ulong, ulong> model, ulong index, ulong tce)
    {
        if (tce == 0) model.Remove(index);
        else model[index] = tce;
    }
}
