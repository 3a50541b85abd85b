// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Host;

/// <summary>Who uses an IOMMU group.</summary>
/// <param name="Id">Its number.</param>
/// <param name="OpenedBy">The process that has its node open, or null.</param>
/// <param name="Devices">Its devices.</param>
public sealed record GroupUse(int Id, string? OpenedBy, IReadOnlyList<DeviceUse> Devices);

/// <summary>Who uses a device of a group.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Driver">Its host driver, or null.</param>
/// <param name="OpenFiles">How often VFIO users have it open.</param>
/// <param name="IsWantedBack">Whether its driver waits for them to close it.</param>
public sealed record DeviceUse(PciAddress Address, string? Driver, int OpenFiles, bool IsWantedBack);
