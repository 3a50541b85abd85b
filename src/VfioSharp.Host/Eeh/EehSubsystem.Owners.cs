// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Eeh;

// Whose business an endpoint's errors are: the host's, or the user's who has one of its functions open.
internal sealed partial class EehSubsystem
{
    /// <summary>
    /// A function is about to be opened and its configuration read. One whose endpoint is frozen, and nobody's yet, is
    /// found out then: the reads fail (eeh_dev_check_failure; vfio_pci_config.c: vfio_config_init).
    /// </summary>
    public KernelResult CheckOpen(PciFunction function)
    {
        using (_lock.EnterScope())
        {
            if (Find(function) is not { } pe) return KernelResult.Success;
            if (pe.ConfigError is var error and not Errno.None) return KernelResult.Fail(error, $"{function.Address} cannot be opened: {pe} is in a reset (EEH_PE_OP RESET_DEACTIVATE ends it)");
            if (pe.Passed != 0 || IsActive(Operations.GetState(pe))) return KernelResult.Success;
            pe.MarkIsolated();
            return KernelResult.Fail(
                Errno.ENODEV, $"{function.Address} cannot be opened: {pe} is frozen ({pe.Frozen}); thaw it by EEH_PE_OP (ENABLE, or UNFREEZE_IO and UNFREEZE_DMA)");
        }
    }

    /// <summary>A function was opened by a VFIO user (eeh_dev_open); ENODEV, which vfio-pci ignores, for one without error handling.</summary>
    public KernelResult Open(PciFunction function)
    {
        using (_lock.EnterScope())
        {
            if (Find(function) is not { } pe) return KernelResult.Fail(Errno.ENODEV, $"{function.Address} has no error handling");
            KernelResult changed = ChangeOwner(pe);
            if (changed.IsError) return changed;
            MemberOf(pe, function).IsOpen = true;
            pe.Passed++;
            return KernelResult.Success;
        }
    }

    /// <summary>A function was closed (eeh_dev_release): its endpoint goes back to the host in order.</summary>
    public void Release(PciFunction function)
    {
        using (_lock.EnterScope())
        {
            if (Find(function) is not { Passed: > 0 } pe || !MemberOf(pe, function).IsOpen) return;
            MemberOf(pe, function).IsOpen = false;
            pe.Passed--;
            _ = ChangeOwner(pe);
        }
    }

    // eeh_pe_change_owner: a frozen endpoint is thawed, one with a device that needs more is reset whole.
    private KernelResult ChangeOwner(EehPe pe)
    {
        EehStates state = Operations.GetState(pe);
        if (state == EehStates.NotSupported || IsActive(state)) return KernelResult.Success;
        if (pe.Members.Any(member => NeedsReset(member.Identity))) return ResetAndRecover(pe);
        KernelResult thawed = Unfreeze(pe);
        if (thawed.IsSuccess) pe.Clear(EehPeFlags.Isolated, includePassed: true);
        return thawed;
    }

    private static EehMember MemberOf(EehPe pe, PciFunction function) => pe.Members.First(member => member.Function == function);

    // eeh_reset_ids
    private static bool NeedsReset(uint identity) => identity is 0x0710_19a2 or 0xe220_10df or 0x1657_14e4;
}
