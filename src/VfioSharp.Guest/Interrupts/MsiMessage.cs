// SPDX-License-Identifier: MIT
using System.Globalization;

namespace VfioSharp.Guest.Interrupts;

/// <summary>A message interrupt: a device writes <paramref name="Data"/> to <paramref name="Address"/> on its bus.</summary>
/// <param name="Address">Where, as the device's DMA addresses count.</param>
/// <param name="Data">What: four bytes, little-endian.</param>
public readonly record struct MsiMessage(ulong Address, uint Data)
{
    /// <summary>For messages to people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Data:x} to 0x{Address:x}");
}
