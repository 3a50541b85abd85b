// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu;

namespace VfioSharp.Host.Tests.Iommu;

public sealed class MappingTreeTests
{
    private static readonly MappingDomain s_domain = new();

    [Fact]
    public void Random_inserts_and_removals_agree_with_a_naive_list()
    {
        Gen<(bool Insert, int Start, int Size)> step =
            from insert in Gen.Frequency((3, Gen.Constant(true)), (2, Gen.Constant(false)))
            from start in Gen.Choose(0, 200)
            from size in Gen.Choose(1, 12)
            select (insert, start, size);
        Prop.ForAll(step.ListOf().ToArbitrary(), steps => Agrees(steps)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Range_at_the_top_of_the_address_space_is_the_last()
    {
        var tree = new MappingTree();
        DmaMapping top = Make(ulong.MaxValue - 4095, 4096);
        tree.Insert(top);
        Assert.Same(top, tree.FindOverlap(ulong.MaxValue, ulong.MaxValue));
        Assert.Null(tree.Next(top));
    }

    private static bool Agrees(IList<(bool Insert, int Start, int Size)> steps)
    {
        var tree = new MappingTree();
        var naive = new List<DmaMapping>();
        foreach ((bool insert, int start, int size) in steps)
        {
            ulong first = (ulong)start, last = (ulong)(start + size - 1);
            DmaMapping? overlap = naive.Find(m => m.Start <= last && m.Last >= first);
            if ((tree.FindOverlap(first, last) is null) != (overlap is null)) return false;
            if (insert && overlap is null)
            {
                DmaMapping mapping = Make(first, (ulong)size);
                tree.Insert(mapping);
                naive.Add(mapping);
            }
            else if (!insert && overlap is not null)
            {
                tree.Remove(overlap);
                naive.Remove(overlap);
            }

            DmaMapping? expected = naive.Where(m => m.Last >= first).MinBy(m => m.Start);
            if (tree.FirstEndingAtOrAfter(first) != expected) return false;
        }

        var inOrder = new List<DmaMapping>();
        for (DmaMapping? m = tree.FirstEndingAtOrAfter(0); m is not null; m = tree.Next(m)) inOrder.Add(m);
        return tree.Count == naive.Count && inOrder.SequenceEqual(naive.OrderBy(m => m.Start));
    }

    private static DmaMapping Make(ulong start, ulong size) => new()
    {
        Domain = s_domain,
        Start = start,
        Size = size,
        Access = DmaAccess.ReadWrite,
        Memory = new NoMemory(),
        Vaddr = 0,
        Owner = null!,
    };

    private sealed class NoMemory : IPinnedMemory
    {
        public ulong Length => 0;

        public ulong AccountedLength => 0;

        public bool Read(ulong offset, Span<byte> destination) => false;

        public bool Write(ulong offset, ReadOnlySpan<byte> source) => false;

        public void Dispose()
        {
        }
    }
}
