// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Tests.Memory;

public sealed class FlatViewTests : IDisposable
{
    private readonly MemoryTopology _topology = new();
    private readonly ContainerRegion _root;
    private readonly GuestAddressSpace _space;

    public FlatViewTests()
    {
        _root = new ContainerRegion(_topology, "root", ulong.MaxValue);
        _space = new GuestAddressSpace(_topology, _root);
    }

    [Fact]
    public void Region_of_higher_priority_hides_the_middle_of_another()
    {
        MemoryRegion below = Add("below", 0x1000, 0x3000, priority: 0);
        MemoryRegion above = Add("above", 0x2000, 0x1000, priority: 1);
        Assert.Equal(
            [new(below, 0, 0x1000, 0x1000, false), new(above, 0, 0x2000, 0x1000, false), new(below, 0x2000, 0x3000, 0x1000, false)],
            _space.View.Sections);
    }

    [Fact]
    public void Of_equal_priorities_the_last_added_is_seen()
    {
        Add("first", 0, 0x1000, priority: 0);
        MemoryRegion last = Add("last", 0, 0x1000, priority: 0);
        Assert.Equal([new MemorySection(last, 0, 0, 0x1000, false)], _space.View.Sections);
    }

    [Fact]
    public void Hidden_region_comes_back_when_the_one_in_front_is_disabled()
    {
        MemoryRegion below = Add("below", 0, 0x1000, priority: 0);
        MemoryRegion above = Add("above", 0, 0x1000, priority: 1);
        above.IsEnabled = false;
        Assert.Equal([new MemorySection(below, 0, 0, 0x1000, false)], _space.View.Sections);
    }

    [Fact]
    public void Holes_of_a_container_show_what_lies_behind()
    {
        MemoryRegion behind = Add("behind", 0, 0x3000, priority: 0);
        var container = new ContainerRegion(_topology, "bus", 0x3000);
        _root.Add(container, 0, priority: 1);
        MemoryRegion inside = Make("inside", 0x1000);
        container.Add(inside, 0x1000);
        Assert.Equal(
            [new(behind, 0, 0, 0x1000, false), new(inside, 0, 0x1000, 0x1000, false), new(behind, 0x2000, 0x2000, 0x1000, false)],
            _space.View.Sections);
    }

    [Fact]
    public void Part_beyond_its_container_is_not_seen()
    {
        var container = new ContainerRegion(_topology, "bus", 0x2000);
        _root.Add(container, 0x10000);
        MemoryRegion long1 = Make("long", 0x3000);
        container.Add(long1, 0x1000);
        Assert.Equal([new MemorySection(long1, 0, 0x11000, 0x1000, false)], _space.View.Sections);
    }

    [Fact]
    public void Alias_shows_a_part_read_only()
    {
        MemoryRegion ram = Make("registers", 0x4000);
        _root.Add(new AliasRegion(_topology, "alias", ram, 0x1000, 0x2000, isReadOnly: true), 0x8000);
        Assert.Equal([new MemorySection(ram, 0x1000, 0x8000, 0x2000, true)], _space.View.Sections);
    }

    [Fact]
    public void Neighbouring_parts_of_one_region_are_one_section()
    {
        MemoryRegion region = Make("registers", 0x2000);
        _root.Add(new AliasRegion(_topology, "low", region, 0, 0x1000), 0);
        _root.Add(new AliasRegion(_topology, "high", region, 0x1000, 0x1000), 0x1000);
        Assert.Equal([new MemorySection(region, 0, 0, 0x2000, false)], _space.View.Sections);
    }

    [Fact]
    public void Region_at_the_top_of_the_address_space_is_seen_but_for_the_last_byte()
    {
        MemoryRegion top = Add("top", ulong.MaxValue - 0xfff, 0x1000, priority: 0);
        Assert.Equal([new MemorySection(top, 0, ulong.MaxValue - 0xfff, 0xfff, false)], _space.View.Sections);
    }

    [Fact]
    public void Container_cannot_be_put_into_what_it_contains()
    {
        var outer = new ContainerRegion(_topology, "outer", 0x1000);
        var inner = new ContainerRegion(_topology, "inner", 0x1000);
        outer.Add(new AliasRegion(_topology, "alias", inner, 0, 0x1000), 0);
        Assert.Throws<ArgumentException>(() => inner.Add(outer, 0));
    }

    [Fact]
    public void Region_can_be_in_one_container_only()
    {
        MemoryRegion region = Add("registers", 0, 0x1000, priority: 0);
        Assert.Contains("alias", Assert.Throws<ArgumentException>(() => _root.Add(region, 0x1000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_trees_look_as_a_model_that_asks_for_each_address() =>
        Prop.ForAll(TreeChange.Many.ToArbitrary(), changes => LooksAsTheModel(changes)).QuickCheckThrowOnFailure();

    [Fact]
    public void Listeners_hear_the_difference_of_two_views_removals_first_and_ascending() =>
        Prop.ForAll(TreeChange.Many.ToArbitrary(), changes => HearsTheDifference(changes)).QuickCheckThrowOnFailure();

    private static bool LooksAsTheModel(IList<TreeChange> changes)
    {
        using var tree = new RandomTree();
        foreach (TreeChange change in changes)
        {
            tree.Apply(change);
            for (ulong address = 0; address < RandomTree.Size; address++)
            {
                (MemoryRegion Region, ulong Offset, bool IsReadOnly)? expected = NaiveMemory.At(tree.Root, address, isReadOnly: false);
                (MemoryRegion, ulong, bool)? seen = tree.Space.View.TryFind(address, out MemorySection section)
                    ? (section.Region, section.OffsetInRegion + (address - section.Address), section.IsReadOnly) : null;
                if (seen != expected) return false;
            }
        }

        return true;
    }

    private static bool HearsTheDifference(IList<TreeChange> changes)
    {
        using var tree = new RandomTree();
        var listener = new RecordingListener();
        tree.Space.AddListener(listener);
        MemorySection[] before = [.. tree.Space.View.Sections];
        if (!listener.Added.SequenceEqual(before)) return false;
        foreach (TreeChange change in changes)
        {
            listener.Clear();
            tree.Apply(change);
            MemorySection[] after = [.. tree.Space.View.Sections];
            if (!listener.Removed.SequenceEqual(before.Except(after)) || !listener.Added.SequenceEqual(after.Except(before))) return false;
            if (listener.WasAddedBeforeRemoved || listener.Begins != listener.Commits) return false;
            before = after;
        }

        listener.Clear();
        tree.Space.RemoveListener(listener);
        return listener.Removed.SequenceEqual(before);
    }

    public void Dispose() => _space.Dispose();

    private MmioRegion Make(string name, ulong size) => new(_topology, name, size, new NoRegisters());

    private MmioRegion Add(string name, ulong address, ulong size, int priority)
    {
        MmioRegion region = Make(name, size);
        _root.Add(region, address, priority);
        return region;
    }
}
