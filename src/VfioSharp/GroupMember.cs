// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp;

/// <summary>A device of an IOMMU group, as sysfs shows it.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Driver">The host driver it is bound to; null when to none.</param>
public readonly record struct GroupMember(PciAddress Address, string? Driver)
{
    /// <summary>
    /// Whether its driver keeps the group from users. Drivers that leave DMA to users do not
    /// (<c>driver_managed_dma</c>): the VFIO ones, pci-stub, pcieport; nor does having none.
    /// </summary>
    public bool Blocks =>
        Driver is not (null or "pci-stub" or "pcieport") && !Driver.Contains("vfio", StringComparison.Ordinal);

    /// <summary>Address and driver.</summary>
    public override string ToString() => $"{Address} ({Driver ?? "no driver"})";
}
