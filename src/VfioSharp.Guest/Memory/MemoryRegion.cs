// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>
/// A piece of a guest's address space: memory, registers, an IOMMU's window, a part of another region, or a container
/// of regions. It is seen by the guest while it and all containers around it are enabled.
/// </summary>
/// <remarks>Changed under the machine's own lock, one thread at a time (<see cref="MemoryTopology"/>).</remarks>
public abstract class MemoryRegion
{
    private bool _isEnabled = true;
    private ulong _size;

    private protected MemoryRegion(MemoryTopology topology, string name, ulong size)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(name);
        Topology = topology;
        Name = name;
        _size = size;
    }

    /// <summary>The machine's regions, of which this is one.</summary>
    public MemoryTopology Topology { get; }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>
    /// Size in bytes; 0: nothing of it is seen. <see cref="ulong.MaxValue"/> is a whole address space (less its last
    /// byte, where nothing ever is).
    /// </summary>
    public ulong Size
    {
        get => _size;
        set
        {
            if (value == _size) return;
            if (value > Capacity) throw new ArgumentOutOfRangeException(nameof(value), $"{Name} has memory of 0x{Capacity:x} bytes: it cannot have a size of 0x{value:x}");
            _size = value;
            Topology.MarkChanged();
        }
    }

    /// <summary>Whether it is there for the guest. A disabled region shows what lies behind it.</summary>
    public bool IsEnabled
    {
        get => _isEnabled;
        set
        {
            if (value == _isEnabled) return;
            _isEnabled = value;
            Topology.MarkChanged();
        }
    }

    /// <summary>The container it is in; null: in none, though aliases may show it.</summary>
    public ContainerRegion? Parent { get; internal set; }

    /// <summary>Where it begins in its container.</summary>
    public ulong Offset { get; internal set; }

    /// <summary>Which region of its container is seen where several overlap: the one of the highest priority, of equal ones the last added.</summary>
    public int Priority { get; internal set; }

    /// <summary>The largest size it can be given.</summary>
    internal virtual ulong Capacity => ulong.MaxValue;

    /// <summary>Name and size.</summary>
    public override string ToString() => $"{Name} (0x{Size:x} bytes)";
}
