// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>A part of a region that can be mapped.</summary>
/// <param name="Offset">Offset in the region.</param>
/// <param name="Size">Size in bytes.</param>
public readonly record struct RegionArea(ulong Offset, ulong Size);
