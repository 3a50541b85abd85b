// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>
/// What SPAPR_TCE_GET_INFO says of a default window beyond 32 bits, after Linux' <c>struct vfio_iommu_spapr_tce_info</c>:
/// no Linux has it, a machine must ask for it (docs/machines.md). A program sees by <see cref="Flag"/> that it is there.
/// </summary>
/// <param name="Start">First bus address (dma64_window_start).</param>
/// <param name="Size">Length in bytes (dma64_window_size).</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WideWindowInfo(ulong Start, ulong Size)
{
    /// <summary>The bit of the info's flags: the last one, far from those that Linux may give next.</summary>
    public const uint Flag = 1u << 31;

    /// <summary>Where it is, from the start of the info.</summary>
    public const uint Offset = 32;

    /// <summary>What there is to say of an endpoint; null when its default window is one of 32 bits.</summary>
    public static WideWindowInfo? Of(IommuTableGroup group) =>
        group.Tce32Start > uint.MaxValue || group.Tce32Size > uint.MaxValue ? new WideWindowInfo(group.Tce32Start, group.Tce32Size) : null;
}
