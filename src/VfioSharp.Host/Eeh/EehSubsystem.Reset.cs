// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Eeh;

// Resets, as a user asks for them step by step and as the host does them whole.
internal sealed partial class EehSubsystem
{
    private const int Attempts = 3;

    /// <summary>EEH_PE_OP's RESET_HOT, RESET_FUNDAMENTAL and RESET_DEACTIVATE.</summary>
    public KernelResult Reset(EehPe pe, EehReset step)
    {
        using (_lock.EnterScope()) return ResetStep(pe, step, includePassed: true);
    }

    // eeh_pe_reset
    private KernelResult ResetStep(EehPe pe, EehReset step, bool includePassed)
    {
        if (step != EehReset.Deactivate)
        {
            // Nothing may reach the devices on the way: it would be the next error.
            _ = Operations.SetOption(pe, EehOption.Freeze);
            pe.Mark(EehPeFlags.ConfigBlocked);
            return Operations.Reset(pe, step);
        }

        KernelResult done = Operations.Reset(pe, step);
        pe.Clear(EehPeFlags.ConfigBlocked, includePassed);
        return done.IsError ? done : Reenable(pe, includePassed);
    }

    // eeh_pe_reenable_devices
    private KernelResult Reenable(EehPe pe, bool includePassed)
    {
        foreach (EehMember member in pe.MembersBelow()) member.RestoreBars();
        foreach (EehMember member in pe.Members) member.Reenable();
        KernelResult thawed = includePassed || pe.Passed == 0 ? Unfreeze(pe) : KernelResult.Success;
        if (thawed.IsSuccess) pe.Clear(EehPeFlags.Isolated, includePassed);
        return thawed;
    }

    // eeh_pe_reset_full
    private KernelResult ResetFull(EehPe pe, bool includePassed)
    {
        const EehPeFlags during = EehPeFlags.Reset | EehPeFlags.ConfigBlocked;
        pe.Mark(during);
        KernelResult done = KernelResult.Success;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            done = ResetStep(pe, EehReset.Hot, includePassed);
            if (done.IsSuccess) done = ResetStep(pe, EehReset.Deactivate, includePassed);
            if (done.IsSuccess) break;
        }

        if (!includePassed) RefreezePassed(pe);
        pe.Clear(during, includePassed: true);
        return done.IsSuccess ? done : KernelResult.Fail(Errno.EIO, $"{pe}: {Attempts} resets failed, the last so: {done.Reason}");
    }

    // eeh_pe_refreeze_passed: what is a user's below the endpoint stays frozen until its user has dealt with it.
    private void RefreezePassed(EehPe pe)
    {
        if (pe.Passed != 0 && (Operations.GetState(pe) & (EehStates.MmioActive | EehStates.MmioEnabled)) != 0) _ = Operations.SetOption(pe, EehOption.Freeze);
        foreach (EehPe child in pe.Children) RefreezePassed(child);
    }

    // eeh_driver.c: eeh_pe_reset_and_recover
    private KernelResult ResetAndRecover(EehPe pe)
    {
        if ((pe.Flags & EehPeFlags.Recovering) != 0) return KernelResult.Success;
        return Recovering(pe, includePassed: true);
    }

    // eeh_driver.c: eeh_handle_normal_event, without the drivers' part in it.
    private void Recover(EehPe pe)
    {
        if (Recovering(pe, includePassed: false).IsSuccess) pe.Recoveries++;
    }

    private KernelResult Recovering(EehPe pe, bool includePassed)
    {
        pe.Mark(EehPeFlags.Recovering);
        SavedConfig[] saved = [.. pe.MembersBelow().Where(member => IsToBeKept(member, includePassed)).Select(member => new SavedConfig(member.Function))];
        KernelResult reset = ResetFull(pe, includePassed);
        if (reset.IsSuccess)
        {
            reset = Unfreeze(pe);
            if (reset.IsSuccess) pe.Clear(EehPeFlags.Isolated, includePassed);
            foreach (SavedConfig state in saved) state.Restore();
        }

        pe.Clear(EehPeFlags.Recovering, includePassed: true);
        return reset;
    }

    // What cannot be read is not put back; what is a user's, its user puts back with a reset of its own.
    private static bool IsToBeKept(EehMember member, bool includePassed) =>
        Find(member.Function) is { ConfigError: Errno.None } pe && (includePassed || pe.Passed == 0);
}
