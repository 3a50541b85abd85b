// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;

namespace VfioSharp.Host.Iommu;

/// <summary>What a device may do through a mapping, with MAP_DMA's bits.</summary>
[Flags]
public enum DmaAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The device may read.</summary>
    Read = 1,

    /// <summary>The device may write.</summary>
    Write = 2,

    /// <summary>Both.</summary>
    ReadWrite = Read | Write,
}

/// <summary>
/// A range of IOVAs and the pinned memory behind it (vfio_iommu_type1.c: struct vfio_dma). Immutable as far as DMA
/// reads it, but for <see cref="Live"/>; the rest is guarded by its domain's lock.
/// </summary>
internal sealed class DmaMapping
{
    private volatile bool _live = true;

    public required MappingDomain Domain { get; init; }

    /// <summary>First IOVA in bytes.</summary>
    public required ulong Start { get; init; }

    /// <summary>Length in bytes, not 0.</summary>
    public required ulong Size { get; init; }

    /// <summary>Last IOVA.</summary>
    public ulong Last => Start + (Size - 1);

    /// <summary>What the device may do.</summary>
    public required DmaAccess Access { get; init; }

    /// <summary>The memory.</summary>
    public required IPinnedMemory Memory { get; init; }

    /// <summary>False once unmapped: cached translations of it are void.</summary>
    public bool Live => _live;

    /// <summary>Address in the owner's memory.</summary>
    public required ulong Vaddr { get; set; }

    /// <summary>Whose memory it is, and whose account is charged.</summary>
    public required Caller Owner { get; set; }

    /// <summary>Pages charged to the owner's locked memory.</summary>
    public long LockedPages { get; init; }

    /// <summary>Between UNMAP and MAP with the VADDR flag.</summary>
    public bool VaddrInvalid { get; set; }

    /// <summary>Dirty pages, while tracked; one word longer than the pages need, for the kernel's shift.</summary>
    public ulong[]? DirtyBitmap { get; set; }

    /// <summary>Ends translations by this mapping; accesses under way are waited for by the domain.</summary>
    public void Kill() => _live = false;

    // Links of the tree it is in; see MappingTree.
    internal DmaMapping? Left { get; set; }

    internal DmaMapping? Right { get; set; }

    internal uint Priority { get; set; }
}
