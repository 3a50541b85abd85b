// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>A range of IOVAs that can be mapped.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Last address, inclusive as the ABI has it.</param>
public readonly record struct IovaRange(Iova Start, Iova End)
{
    /// <summary>Whether <paramref name="size"/> bytes from <paramref name="iova"/> on lie inside.</summary>
    public bool Contains(Iova iova, ulong size) =>
        size > 0 && iova >= Start && iova <= End && size - 1 <= End.Value - iova.Value;

    /// <summary><c>0xstart-0xend</c>.</summary>
    public override string ToString() => $"{Start}-{End}";
}

/// <summary>What the IOMMU driver can do about dirty pages (the migration capability).</summary>
/// <param name="PageSizes">Bitmap of page sizes a dirty bitmap can have.</param>
/// <param name="MaxBitmapSize">Largest dirty bitmap in bytes.</param>
public readonly record struct DirtyTrackingInfo(ulong PageSizes, ulong MaxBitmapSize);

/// <summary>What a container's IOMMU can do (VFIO_IOMMU_GET_INFO), as it is at the time of the call.</summary>
/// <param name="PageSizes">Bitmap of page sizes: bit n is set when pages of 2^n bytes can be mapped.</param>
/// <param name="IovaRanges">What can be mapped, in order; empty when the kernel does not say.</param>
/// <param name="AvailableMappings">How many more mappings there may be; null when the kernel does not say.</param>
/// <param name="DirtyTracking">Dirty tracking; null when there is none.</param>
public sealed record IommuInfo(
    ulong PageSizes,
    IReadOnlyList<IovaRange> IovaRanges,
    uint? AvailableMappings,
    DirtyTrackingInfo? DirtyTracking)
{
    /// <summary>The smallest page in bytes: what IOVAs, addresses and sizes are multiples of; 0 when there is none.</summary>
    public ulong SmallestPageSize => PageSizes == 0 ? 0 : 1UL << BitOperations.TrailingZeroCount(PageSizes);
}
