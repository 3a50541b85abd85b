// SPDX-License-Identifier: MIT
namespace VfioSharp.Devices.Ram;

/// <summary>Registers of <see cref="RamDevice"/>: 32 bits each, little-endian, at the beginning of every BAR that has registers.</summary>
public static class RamRegister
{
    /// <summary>Reads <see cref="IdentificationValue"/>.</summary>
    public const ulong Identification = 0x00;

    /// <summary>Keeps what is written.</summary>
    public const ulong Scratch = 0x04;

    /// <summary>Selects, by its BAR, the memory that the registers below are about.</summary>
    public const ulong Select = 0x08;

    /// <summary>Reads how many bytes the selected memory has.</summary>
    public const ulong Size = 0x0c;

    /// <summary>Writes its low byte to all of the selected memory.</summary>
    public const ulong Fill = 0x10;

    /// <summary>Reads the sum of all bytes of the selected memory.</summary>
    public const ulong Sum = 0x14;

    /// <summary>Bytes of a BAR that registers take.</summary>
    public const ulong Bytes = 0x10000;

    /// <summary>What <see cref="Identification"/> reads: "RAM" and a version.</summary>
    public const uint IdentificationValue = 0x01_4d_41_52;
}
