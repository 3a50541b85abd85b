// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>What the device may do with mapped memory; the bits are MAP_DMA's flags.</summary>
[Flags]
public enum DmaAccess
{
    /// <summary>Nothing: no mapping can have it.</summary>
    None = 0,

    /// <summary>The device may read.</summary>
    Read = 1,

    /// <summary>The device may write.</summary>
    Write = 2,

    /// <summary>The device may read and write.</summary>
    ReadWrite = Read | Write,
}
