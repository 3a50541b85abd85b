// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr;

/// <summary>What a device may do with a page, with the bits of a TCE.</summary>
[Flags]
public enum TcePermission
{
    /// <summary>Nothing: the page is not mapped.</summary>
    None = 0,

    /// <summary>It may read.</summary>
    Read = 1,

    /// <summary>It may write.</summary>
    Write = 2,
}

/// <summary>Where a DMA address leads.</summary>
/// <param name="Page">The page's address in the guest; 0 outside of the window.</param>
/// <param name="Permission">What the device may do there.</param>
/// <param name="OffsetMask">The bits of the address that are the offset in the page; all outside of the window.</param>
public readonly record struct TceTranslation(GuestPhysicalAddress Page, TcePermission Permission, ulong OffsetMask);
