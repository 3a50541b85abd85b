// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Host.Eeh;

/// <summary>A partitionable endpoint at one moment: what errors isolate together.</summary>
/// <param name="Segment">PCI domain of its host bridge.</param>
/// <param name="Number">Its number there (PowerNV: PE number; pSeries: PE configuration address).</param>
/// <param name="Parent">Number of the endpoint above it; null: directly below the host bridge.</param>
/// <param name="Functions">Its functions.</param>
/// <param name="Frozen">What the hardware has stopped.</param>
/// <param name="IsIsolated">Whether the kernel knows of it.</param>
/// <param name="IsConfigBlocked">Whether the kernel keeps accesses to configuration space back.</param>
/// <param name="IsRecovering">Whether the host recovers it.</param>
/// <param name="PassedThrough">How many of its functions are open in VFIO: then errors are their user's business.</param>
/// <param name="Recoveries">How often the host recovered it.</param>
public sealed record PartitionableEndpoint(
    ushort Segment,
    int Number,
    int? Parent,
    IReadOnlyList<PciAddress> Functions,
    PeFreeze Frozen,
    bool IsIsolated,
    bool IsConfigBlocked,
    bool IsRecovering,
    int PassedThrough,
    int Recoveries);
