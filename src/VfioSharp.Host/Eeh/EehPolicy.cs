// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Eeh;

/// <summary>Whose hardware and firmware a POWER machine has.</summary>
public enum EehPolicy
{
    /// <summary>
    /// Real ones: a frozen endpoint is cut off, a refused memory request freezes it (PowerNV), the host recovers what
    /// nobody has taken; a pSeries partition's firmware has the EEH calls.
    /// </summary>
    Hardware,

    /// <summary>
    /// QEMU's: the host bridge records that an endpoint is frozen but cuts nothing off, nothing freezes by itself, the
    /// firmware has the oddities it has there; a pSeries partition's firmware refuses EEH for emulated devices.
    /// </summary>
    Qemu,
}
