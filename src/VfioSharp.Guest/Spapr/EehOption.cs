// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>What ibm,set-eeh-option does, with its numbers.</summary>
public enum EehOption
{
    /// <summary>Errors are no longer watched.</summary>
    Disable = 0,

    /// <summary>Errors are watched.</summary>
    Enable = 1,

    /// <summary>Loads and stores go through again.</summary>
    ThawMmio = 2,

    /// <summary>DMA goes through again.</summary>
    ThawDma = 3,
}

/// <summary>What ibm,set-slot-reset does, with its numbers.</summary>
public enum SlotReset
{
    /// <summary>The reset ends.</summary>
    Deactivate = 0,

    /// <summary>A hot reset begins.</summary>
    Hot = 1,

    /// <summary>A fundamental reset begins.</summary>
    Fundamental = 3,
}
