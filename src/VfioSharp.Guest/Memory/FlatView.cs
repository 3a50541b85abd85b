// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>
/// What is seen of a tree of regions: sections in ascending order that do not overlap. It never changes, so any
/// thread may read it.
/// </summary>
public sealed class FlatView
{
    // The sections' first addresses, apart so that the search stays in few cache lines.
    private readonly ulong[] _starts;
    private readonly MemorySection[] _sections;

    private FlatView(MemorySection[] sections)
    {
        _sections = sections;
        _starts = Array.ConvertAll(sections, section => section.Address);
    }

    /// <summary>Nothing.</summary>
    public static FlatView Empty { get; } = new([]);

    /// <summary>What is seen, in ascending order.</summary>
    public IReadOnlyList<MemorySection> Sections => _sections;

    /// <summary>The section of an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="section">The section, when there is one.</param>
    public bool TryFind(ulong address, out MemorySection section)
    {
        int index = Array.BinarySearch(_starts, address);
        if (index < 0) index = ~index - 1;
        section = index >= 0 ? _sections[index] : default;
        return index >= 0 && address - section.Address < section.Size;
    }

    /// <summary>What is seen of a tree.</summary>
    internal static FlatView Of(MemoryRegion root)
    {
        var pieces = new List<MemorySection>();
        Collect(root, new Extent(0, 0, ulong.MaxValue), isReadOnly: false, pieces);
        return new FlatView(Visible(pieces));
    }

    internal ReadOnlySpan<MemorySection> AsSpan() => _sections;

    /// <summary>Which of a region's bytes are asked for, and where they are seen.</summary>
    /// <param name="Address">Where the first of them is seen.</param>
    /// <param name="From">First offset in the region.</param>
    /// <param name="Count">How many.</param>
    private readonly record struct Extent(ulong Address, ulong From, ulong Count);

    /// <summary>Lists all that lies in an extent of a region, what is in front first, overlapping.</summary>
    private static void Collect(MemoryRegion region, Extent extent, bool isReadOnly, List<MemorySection> pieces)
    {
        if (!region.IsEnabled || extent.From >= region.Size) return;
        ulong count = Math.Min(extent.Count, region.Size - extent.From);
        if (count == 0) return;
        switch (region)
        {
            case ContainerRegion container:
                foreach (MemoryRegion child in container.Regions)
                {
                    // The child's bytes are container offsets from child.Offset on; the part in [From, From + count).
                    ulong first = Math.Max(extent.From, child.Offset);
                    if (first - extent.From >= count) continue;
                    Collect(child, new Extent(extent.Address + (first - extent.From), first - child.Offset, count - (first - extent.From)), isReadOnly, pieces);
                }

                break;
            case AliasRegion alias:
                // Offsets that pass the target's 64 bits show nothing.
                if (extent.From > ulong.MaxValue - alias.TargetOffset) break;
                Collect(alias.Target, new Extent(extent.Address, alias.TargetOffset + extent.From, count), isReadOnly || alias.IsReadOnly, pieces);
                break;
            default:
                bool readOnly = isReadOnly || region is RamRegion { IsReadOnly: true };
                pieces.Add(new MemorySection(region, extent.From, extent.Address, count, readOnly));
                break;
        }
    }

    /// <summary>
    /// What is seen of pieces of which earlier ones lie in front: one sweep over their ends, with the open pieces in a
    /// heap by rank. n log n, whatever the overlaps.
    /// </summary>
    private static MemorySection[] Visible(List<MemorySection> pieces)
    {
        int[] byStart = new int[pieces.Count];
        for (int i = 0; i < byStart.Length; i++) byStart[i] = i;
        Array.Sort(byStart, (left, right) => pieces[left].Address.CompareTo(pieces[right].Address));

        var sections = new List<MemorySection>(pieces.Count);
        var open = new PriorityQueue<int, int>();
        ulong at = 0;
        int next = 0;
        while (true)
        {
            // Pieces that end before here are through; the one in front is seen until it ends or one of better rank starts.
            while (open.TryPeek(out int ended, out _) && pieces[ended].End <= at) open.Dequeue();
            if (!open.TryPeek(out int front, out _))
            {
                if (next == byStart.Length) return [.. sections];
                at = pieces[byStart[next]].Address;
            }

            for (; next < byStart.Length && pieces[byStart[next]].Address == at; next++) open.Enqueue(byStart[next], byStart[next]);
            front = open.Peek();
            ulong end = pieces[front].End;
            if (next < byStart.Length) end = Math.Min(end, pieces[byStart[next]].Address);
            if (end > at) Append(sections, pieces[front], at, end);
            at = end;
        }
    }

    /// <summary>Adds what is seen of a piece; joined to the section before when that is the same region further on.</summary>
    private static void Append(List<MemorySection> sections, in MemorySection piece, ulong start, ulong end)
    {
        ulong offset = piece.OffsetInRegion + (start - piece.Address);
        if (sections.Count > 0)
        {
            MemorySection last = sections[^1];
            if (last.Region == piece.Region && last.End == start && last.OffsetInRegion + last.Size == offset && last.IsReadOnly == piece.IsReadOnly)
            {
                sections[^1] = last with { Size = last.Size + (end - start) };
                return;
            }
        }

        sections.Add(new MemorySection(piece.Region, offset, start, end - start, piece.IsReadOnly));
    }
}
