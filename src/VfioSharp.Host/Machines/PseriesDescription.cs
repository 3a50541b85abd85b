// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Machines;

/// <summary>Options of a pSeries machine. The defaults are what Linux 7.2 and its hypervisors do.</summary>
public sealed record PseriesDescription
{
    /// <summary>Windows that a virtual function (SR-IOV) may have: 1, or 2 where that limit is lifted.</summary>
    public int VirtualFunctionWindows { get; init; } = 1;

    /// <summary>
    /// Whether the kernel can say that a default window begins, or is, beyond 32 bits. Linux' <c>struct iommu_table_group</c>
    /// and GET_INFO have 32 bits for it.
    /// </summary>
    public bool HasWideWindowInfo { get; init; }

    /// <summary>
    /// Whether a function that comes while its node has no window's property, or without a node, gets its endpoint and
    /// window all the same. Linux leaves it without (platforms/pseries/iommu.c: pci_dma_dev_setup_pSeriesLP).
    /// </summary>
    public bool KeepsHotplugWindows { get; init; }

    /// <summary>
    /// Whether a window asked for with more than one level is made, with one; Linux refuses it (platforms/pseries/iommu.c:
    /// spapr_tce_create_table). QEMU computes levels from its own page size, and asks for two on a computer of 4 KiB pages.
    /// </summary>
    public bool TakesMoreLevels { get; init; }

    /// <summary>Whether the platform can read an entry of a table back (H_GET_TCE); without it VFIO has no IOMMU driver.</summary>
    public bool ReadsTcesBack { get; init; } = true;
}
