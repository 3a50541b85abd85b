// SPDX-License-Identifier: MIT
using System.Numerics;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>What the sPAPR driver needs to know of the kernel it is part of.</summary>
/// <param name="PageSize">Bytes of a system page.</param>
/// <param name="RamBytes">Memory of the machine in bytes.</param>
/// <param name="Memory">The machine's physical addresses.</param>
/// <param name="Trace">What happens to tables and windows.</param>
/// <param name="Fidelity">Which of Linux's oddities to copy.</param>
internal sealed record SpaprKernel(int PageSize, ulong RamBytes, HostPhysicalMemory Memory, TceTrace Trace, Fidelity Fidelity)
{
    /// <summary>log2 of a huge page: 2 MiB with the radix MMU.</summary>
    public const int HugePageShift = 21;

    /// <summary>log2 of a system page.</summary>
    public int PageShift => BitOperations.Log2((uint)PageSize);

    /// <summary>
    /// The largest block that the page allocator gives: 16 MiB with either page size (arch/powerpc/Kconfig:
    /// ARCH_FORCE_MAX_ORDER).
    /// </summary>
    public const ulong LargestBlock = 1UL << 24;

    /// <summary>How many pages REGISTER_MEMORY pins in one go (mm_iommu_do_alloc: as many pointers as fill the largest block).</summary>
    public static ulong PinnedPagesPerStep => LargestBlock / 8;

    /// <summary>Whether an oddity is copied.</summary>
    public bool Copies(Fidelity oddity) => (Fidelity & oddity) != 0;
}
