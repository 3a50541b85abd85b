// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>Shows part of another region at a second place, as it is there: enabled or not.</summary>
public sealed class AliasRegion : MemoryRegion
{
    /// <summary>Makes an alias.</summary>
    /// <param name="topology">The machine's regions.</param>
    /// <param name="name">For messages.</param>
    /// <param name="target">What it shows.</param>
    /// <param name="targetOffset">From where on.</param>
    /// <param name="size">How much of it.</param>
    /// <param name="isReadOnly">Whether memory is seen as read-only through it.</param>
    public AliasRegion(MemoryTopology topology, string name, MemoryRegion target, ulong targetOffset, ulong size, bool isReadOnly = false)
        : base(topology, name, size)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Topology != topology) throw new ArgumentException($"{target} is of another topology than its alias {name}", nameof(target));
        Target = target;
        TargetOffset = targetOffset;
        IsReadOnly = isReadOnly;
    }

    /// <summary>What it shows.</summary>
    public MemoryRegion Target { get; }

    /// <summary>From where on it shows it.</summary>
    public ulong TargetOffset { get; }

    /// <summary>Whether memory is seen as read-only through it.</summary>
    public bool IsReadOnly { get; }
}
