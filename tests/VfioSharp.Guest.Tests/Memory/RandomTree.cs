// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Tests.Memory;

/// <summary>A step that changes a tree of regions; numbers that do not fit the tree are taken modulo what there is.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Which">To which region, or of what kind.</param>
/// <param name="Place">An address.</param>
/// <param name="Length">A size.</param>
/// <param name="Other">A second number: priority, container, target.</param>
internal sealed record TreeChange(int Kind, int Which, int Place, int Length, int Other)
{
    public static Gen<List<TreeChange>> Many => Step.ListOf().Select(steps => steps.ToList());

    private static Gen<TreeChange> Step =>
        from kind in Gen.Choose(0, 9)
        from which in Gen.Choose(0, 50)
        from place in Gen.Choose(0, RandomTree.Size)
        from length in Gen.Choose(0, RandomTree.Size / 2)
        from other in Gen.Choose(0, 50)
        select new TreeChange(kind, which, place, length, other);
}

/// <summary>A tree of regions in a small address space, changed by random steps.</summary>
internal sealed class RandomTree : IDisposable
{
    public const int Size = 48;

    private readonly MemoryTopology _topology = new();
    private readonly List<ContainerRegion> _containers = [];
    private readonly List<MemoryRegion> _regions = [];

    public RandomTree()
    {
        Root = new ContainerRegion(_topology, "root", Size);
        _containers.Add(Root);
        Space = new GuestAddressSpace(_topology, Root);
    }

    public ContainerRegion Root { get; }

    public GuestAddressSpace Space { get; }

    public void Apply(TreeChange change)
    {
        switch (change.Kind)
        {
            case 0 or 1 or 2:
                Add(new MmioRegion(_topology, "registers", (ulong)change.Length, new NoRegisters()), change);
                break;
            case 3:
                var container = new ContainerRegion(_topology, "container", (ulong)change.Length);
                Add(container, change);
                _containers.Add(container);
                break;
            case 4 when _regions.Count > 0:
                MemoryRegion target = _regions[change.Which % _regions.Count];
                Add(new AliasRegion(_topology, "alias", target, (ulong)(change.Other % 8), (ulong)change.Length, change.Which % 2 == 0), change);
                break;
            case 5 when _regions.Count > 0:
                _regions[change.Which % _regions.Count].IsEnabled ^= true;
                break;
            case 6 when _regions.Count > 0:
                MemoryRegion removed = _regions[change.Which % _regions.Count];
                removed.Parent?.Remove(removed);
                break;
            case 7 when _regions.Count > 0:
                MemoryRegion moved = _regions[change.Which % _regions.Count];
                moved.Parent?.Move(moved, (ulong)change.Place);
                break;
            case 8 when _regions.Count > 0:
                _regions[change.Which % _regions.Count].Size = (ulong)change.Length;
                break;
            case 9 when _regions.Count > 1:
                // Two changes in one transaction, one in another within it.
                using (_topology.Change())
                {
                    _regions[change.Which % _regions.Count].IsEnabled ^= true;
                    using (_topology.Change()) _regions[change.Other % _regions.Count].Size = (ulong)change.Length;
                }

                break;
            default:
                break;
        }
    }

    public void Dispose() => Space.Dispose();

    private void Add(MemoryRegion region, TreeChange change)
    {
        _regions.Add(region);
        try
        {
            _containers[change.Other % _containers.Count].Add(region, (ulong)change.Place, change.Other % 3);
        }
        catch (ArgumentException)
        {
            // An alias of a container that contains this one: it stays outside.
        }
    }
}

/// <summary>What is seen at an address, asked of the tree itself.</summary>
internal static class NaiveMemory
{
    public static (MemoryRegion Region, ulong Offset, bool IsReadOnly)? At(MemoryRegion region, ulong offset, bool isReadOnly)
    {
        if (!region.IsEnabled || offset >= region.Size) return null;
        if (region is AliasRegion alias) return At(alias.Target, alias.TargetOffset + offset, isReadOnly || alias.IsReadOnly);
        if (region is not ContainerRegion container) return (region, offset, isReadOnly);
        foreach (MemoryRegion child in container.Regions)
        {
            if (offset >= child.Offset && At(child, offset - child.Offset, isReadOnly) is { } found) return found;
        }

        return null;
    }
}

/// <summary>Registers that nobody reads.</summary>
internal sealed class NoRegisters : IMmioHandler
{
    public ulong Read(ulong offset, int width) => 0;

    public void Write(ulong offset, int width, ulong value)
    {
    }
}

/// <summary>Notes what it is told.</summary>
internal sealed class RecordingListener : IMemoryListener
{
    public List<MemorySection> Added { get; } = [];

    public List<MemorySection> Removed { get; } = [];

    public int Begins { get; private set; }

    public int Commits { get; private set; }

    public bool WasAddedBeforeRemoved { get; private set; }

    public void Begin() => Begins++;

    public void Commit() => Commits++;

    public void RegionAdded(in MemorySection section) => Added.Add(section);

    public void RegionRemoved(in MemorySection section)
    {
        WasAddedBeforeRemoved |= Added.Count > 0;
        Removed.Add(section);
    }

    public void Clear()
    {
        Added.Clear();
        Removed.Clear();
        WasAddedBeforeRemoved = false;
    }
}
