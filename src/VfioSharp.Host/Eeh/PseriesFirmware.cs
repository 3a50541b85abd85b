// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Eeh;

/// <summary>
/// What a pSeries partition's firmware answers to EEH's RTAS calls (PAPR), for endpoints that it supports. Statuses are
/// RTAS's: 0, or negative.
/// </summary>
internal static class PseriesFirmware
{
    /// <summary>A hardware error, as RTAS says it: the request does not fit the endpoint's state.</summary>
    public const int HardwareError = -1;

    /// <summary>A request that is unknown.</summary>
    public const int ParameterError = -3;

    /// <summary>ibm,set-eeh-option.</summary>
    public static int SetOption(EehPe pe, EehOption option)
    {
        switch (option)
        {
            case EehOption.Disable or EehOption.Enable:
                return 0;
            case EehOption.ThawMmio:
                pe.Thaw(PeFreeze.Mmio);
                return 0;
            case EehOption.ThawDma:
                // There is no state with memory requests going and MMIO stopped.
                if ((pe.Frozen & PeFreeze.Mmio) != 0) return HardwareError;
                pe.Thaw(PeFreeze.Dma);
                return 0;
            default:
                return ParameterError;
        }
    }

    /// <summary>ibm,read-slot-reset-state2: 0 works, 1 in reset, 2 stopped, 4 MMIO goes but memory requests do not.</summary>
    public static int ReadState(EehPe pe) =>
        pe.IsResetAsserted ? 1
        : (pe.Frozen & PeFreeze.Mmio) != 0 ? 2
        : pe.Frozen != PeFreeze.None ? 4 : 0;

    /// <summary>ibm,set-slot-reset: the line is held or let go; a reset takes the freeze along.</summary>
    public static int SetReset(EehPe pe, EehReset step)
    {
        pe.IsResetAsserted = step != EehReset.Deactivate;
        if (!pe.IsResetAsserted) return 0;
        pe.Thaw(PeFreeze.All);
        foreach (EehMember member in pe.MembersBelow()) member.Function.Reset(Pci.PciResetMethod.Bus);
        return 0;
    }
}
