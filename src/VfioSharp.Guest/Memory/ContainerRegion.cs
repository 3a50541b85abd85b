// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>A region of regions. Where none of them is, what lies behind the container is seen.</summary>
/// <param name="topology">The machine's regions.</param>
/// <param name="name">For messages.</param>
/// <param name="size">Size in bytes; what of its regions lies beyond is not seen.</param>
public sealed class ContainerRegion(MemoryTopology topology, string name, ulong size) : MemoryRegion(topology, name, size)
{
    // In the order they are seen: the highest priority first, of equal ones the last added.
    private readonly List<MemoryRegion> _regions = [];

    /// <summary>Its regions, the one in front first.</summary>
    public IReadOnlyList<MemoryRegion> Regions => _regions;

    /// <summary>Puts a region in.</summary>
    /// <param name="region">The region; it is in no container yet.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="priority">Which region is seen where several overlap: the highest.</param>
    /// <exception cref="ArgumentException">It is in a container already, is of another machine, or contains this container.</exception>
    public void Add(MemoryRegion region, ulong offset, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.Topology != Topology) throw new ArgumentException($"{region} is of another topology than {this}", nameof(region));
        if (region.Parent is { } parent) throw new ArgumentException($"{region} is in {parent} already: an alias can show it a second time", nameof(region));
        if (Leads(region, this)) throw new ArgumentException($"{region} contains {this}: it cannot be put into it", nameof(region));
        (region.Parent, region.Offset, region.Priority) = (this, offset, priority);
        int place = _regions.FindIndex(other => other.Priority <= priority);
        _regions.Insert(place < 0 ? _regions.Count : place, region);
        Topology.MarkChanged();
    }

    /// <summary>Takes a region out.</summary>
    /// <exception cref="ArgumentException">It is not in this container.</exception>
    public void Remove(MemoryRegion region)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.Parent != this) throw new ArgumentException($"{region} is not in {this}", nameof(region));
        _regions.Remove(region);
        (region.Parent, region.Offset, region.Priority) = (null, 0, 0);
        Topology.MarkChanged();
    }

    /// <summary>Moves a region that is in this container.</summary>
    /// <exception cref="ArgumentException">It is not in this container.</exception>
    public void Move(MemoryRegion region, ulong offset)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.Parent != this) throw new ArgumentException($"{region} is not in {this}", nameof(region));
        if (region.Offset == offset) return;
        region.Offset = offset;
        Topology.MarkChanged();
    }

    /// <summary>Whether a region is, contains or shows another.</summary>
    private static bool Leads(MemoryRegion from, MemoryRegion to) => from == to || from switch
    {
        ContainerRegion container => container._regions.Exists(region => Leads(region, to)),
        AliasRegion alias => Leads(alias.Target, to),
        _ => false,
    };
}
