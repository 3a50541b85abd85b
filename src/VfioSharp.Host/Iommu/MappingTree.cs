// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Iommu;

/// <summary>
/// Mappings that do not overlap, ordered by IOVA: a treap through the mappings themselves, so that nothing is
/// allocated but they. Expected cost of each operation is logarithmic. Not thread-safe.
/// </summary>
internal sealed class MappingTree
{
    private DmaMapping? _root;
    private uint _random = 0x9e3779b9;

    /// <summary>How many mappings.</summary>
    public int Count { get; private set; }

    /// <summary>A mapping that overlaps [start, last], or null (vfio_find_dma).</summary>
    public DmaMapping? FindOverlap(ulong start, ulong last)
    {
        DmaMapping? node = _root;
        while (node is not null)
        {
            if (last < node.Start) node = node.Left;
            else if (start > node.Last) node = node.Right;
            else return node;
        }

        return null;
    }

    /// <summary>The first mapping that ends at or after <paramref name="iova"/>, or null.</summary>
    public DmaMapping? FirstEndingAtOrAfter(ulong iova)
    {
        DmaMapping? found = null;
        DmaMapping? node = _root;
        while (node is not null)
        {
            if (node.Last >= iova)
            {
                found = node;
                node = node.Left;
            }
            else
            {
                node = node.Right;
            }
        }

        return found;
    }

    /// <summary>The mapping after <paramref name="mapping"/> in order, or null.</summary>
    public DmaMapping? Next(DmaMapping mapping) => mapping.Last == ulong.MaxValue ? null : FirstEndingAtOrAfter(mapping.Last + 1);

    /// <summary>Adds a mapping that overlaps none.</summary>
    public void Insert(DmaMapping mapping)
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        mapping.Priority = _random;
        mapping.Left = mapping.Right = null;
        _root = Insert(_root, mapping);
        Count++;
    }

    /// <summary>Takes a mapping out that is in the tree.</summary>
    public void Remove(DmaMapping mapping)
    {
        _root = Remove(_root, mapping);
        mapping.Left = mapping.Right = null;
        Count--;
    }

    private static DmaMapping Insert(DmaMapping? node, DmaMapping added)
    {
        if (node is null) return added;
        if (added.Priority > node.Priority)
        {
            Split(node, added.Start, out DmaMapping? below, out DmaMapping? above);
            (added.Left, added.Right) = (below, above);
            return added;
        }

        if (added.Start < node.Start) node.Left = Insert(node.Left, added);
        else node.Right = Insert(node.Right, added);
        return node;
    }

    private static DmaMapping? Remove(DmaMapping? node, DmaMapping removed)
    {
        System.Diagnostics.Debug.Assert(node is not null, "the mapping is not in the tree");
        if (node == removed) return Merge(node.Left, node.Right);
        if (removed.Start < node.Start) node.Left = Remove(node.Left, removed);
        else node.Right = Remove(node.Right, removed);
        return node;
    }

    private static void Split(DmaMapping? node, ulong start, out DmaMapping? below, out DmaMapping? above)
    {
        if (node is null)
        {
            below = above = null;
        }
        else if (node.Start < start)
        {
            Split(node.Right, start, out DmaMapping? middle, out above);
            node.Right = middle;
            below = node;
        }
        else
        {
            Split(node.Left, start, out below, out DmaMapping? middle);
            node.Left = middle;
            above = node;
        }
    }

    private static DmaMapping? Merge(DmaMapping? below, DmaMapping? above)
    {
        if (below is null) return above;
        if (above is null) return below;
        if (below.Priority > above.Priority)
        {
            below.Right = Merge(below.Right, above);
            return below;
        }

        above.Left = Merge(below, above.Left);
        return above;
    }
}
