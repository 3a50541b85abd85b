// SPDX-License-Identifier: MIT
namespace VfioSharp.Devices.Edu;

/// <summary>What differs between machines.</summary>
/// <param name="BigEndian">Whether its registers are big-endian.</param>
/// <param name="DmaMask">The address bits that its DMA engine drives.</param>
public readonly record struct EduOptions(bool BigEndian, ulong DmaMask)
{
    /// <summary>As on x86: little-endian, 28 bits.</summary>
    public static EduOptions X86 => new(BigEndian: false, DmaMask: 0x0fff_ffff);

    /// <summary>As on POWER: big-endian, 64 bits.</summary>
    public static EduOptions Power => new(BigEndian: true, DmaMask: ulong.MaxValue);
}
