// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Eeh;

/// <summary>What of a partitionable endpoint the hardware has stopped.</summary>
[Flags]
public enum PeFreeze
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Loads and stores to its BARs.</summary>
    Mmio = 1,

    /// <summary>Its memory requests.</summary>
    Dma = 2,

    /// <summary>Both.</summary>
    All = Mmio | Dma,
}
