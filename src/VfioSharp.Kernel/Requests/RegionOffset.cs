// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;

namespace VfioSharp.Kernel.Requests;

/// <summary>An offset in a vfio-pci device's descriptor for a person: which region, and where in it.</summary>
public static class RegionOffset
{
    // drivers/vfio/pci/vfio_pci_core.h: VFIO_PCI_OFFSET_SHIFT
    private const int Shift = 40;

    private static readonly FieldNames s_names = FieldNames.Values(typeof(VfioPciRegionIndex), "VFIO_PCI_", "_REGION_INDEX");

    /// <summary><c>BAR0+0x10</c>, <c>CONFIG+0x4</c>; a region without a name by its number.</summary>
    public static string Format(ulong offset) => $"{s_names.Format(offset >> Shift)}+0x{offset & ((1UL << Shift) - 1):x}";
}
