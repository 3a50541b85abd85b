// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>A part of a region where a guest sees it.</summary>
/// <param name="Region">The region.</param>
/// <param name="OffsetInRegion">Where the part begins in it.</param>
/// <param name="Address">Where the part begins in the address space.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsReadOnly">Whether memory is seen as read-only there.</param>
public readonly record struct MemorySection(MemoryRegion Region, ulong OffsetInRegion, ulong Address, ulong Size, bool IsReadOnly)
{
    /// <summary>The first address behind it.</summary>
    public ulong End => Address + Size;

    /// <summary>Region and range.</summary>
    public override string ToString() => $"{Region.Name} at 0x{Address:x}-0x{End - 1:x}";
}

/// <summary>Hears how the view of an address space changes: what went, then what came in ascending order.</summary>
public interface IMemoryListener
{
    /// <summary>Changes follow.</summary>
    void Begin();

    /// <summary>A section is seen now.</summary>
    void RegionAdded(in MemorySection section);

    /// <summary>A section is seen no more.</summary>
    void RegionRemoved(in MemorySection section);

    /// <summary>That was all.</summary>
    void Commit();
}
