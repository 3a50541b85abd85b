// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Eeh;

/// <summary>
/// EEH by the partition's firmware (arch/powerpc/platforms/pseries/eeh_pseries.c). Where firmware refuses EEH for a
/// device, as QEMU's does for emulated ones, the platform makes no endpoint of it (pseries_eeh_init_edev).
/// </summary>
internal sealed class PseriesEeh : EehOperations
{
    /// <inheritdoc/>
    public override bool CutsOff => true;

    /// <inheritdoc/>
    public override bool FreezesOnDmaFault => false;

    /// <inheritdoc/>
    public override bool ReportsErrors => false; // no next_error: an error is found by the load that it turned into ones.

    /// <inheritdoc/>
    public override Errno BlockedConfigError => Errno.EIO; // rtas_pci.c: rtas_pci_dn_read_config: PCIBIOS_SET_FAILED

    /// <inheritdoc/>
    public override PeFreeze StoppedBy(PeFreeze error) => error == PeFreeze.None ? PeFreeze.None : PeFreeze.All;

    /// <inheritdoc/>
    public override KernelResult SetOption(EehPe pe, EehOption option)
    {
        // pseries_eeh_set_option: a freeze is not the partition's to ask for, and is taken for done.
        if (option == EehOption.Freeze) return KernelResult.Success;
        int status = PseriesFirmware.SetOption(pe, option);
        return status == 0
            ? KernelResult.Success
            : KernelResult.Fail((Errno)(-status), $"{pe}: ibm,set-eeh-option {(int)option} is answered {status} while {pe.Frozen} is stopped");
    }

    /// <inheritdoc/>
    public override EehStates GetState(EehPe pe) => PseriesFirmware.ReadState(pe) switch
    {
        0 => EehStates.Working,
        1 => EehStates.ResetActive | EehStates.MmioActive | EehStates.DmaActive,
        4 => EehStates.MmioEnabled,
        _ => EehStates.None,
    };

    /// <inheritdoc/>
    public override KernelResult Reset(EehPe pe, EehReset step)
    {
        // pseries_eeh_phb_reset
        int status = PseriesFirmware.SetReset(pe, step);
        return status == 0
            ? KernelResult.Success
            : KernelResult.Fail((Errno)(-status), $"{pe}: ibm,set-slot-reset {(int)step} is answered {status}");
    }

    /// <inheritdoc/>
    public override KernelResult ConfigureBridge(EehPe pe) => KernelResult.Success; // ibm,configure-pe: bridges keep their setting here.

    /// <inheritdoc/>
    public override KernelResult InjectError(EehPe pe, int type, int function, ulong address, ulong mask)
    {
        // pseries_eeh_err_inject
        if (type is not (0 or 1)) return KernelResult.Fail(Errno.EINVAL, $"{pe}: error type {type} is neither 0 (32-bit addresses) nor 1 (64-bit addresses)");
        if ((EehErrorFunction)function is not (EehErrorFunction.LoadMemoryAddress or EehErrorFunction.LoadMemoryData
            or EehErrorFunction.StoreMemoryAddress or EehErrorFunction.StoreMemoryData))
        {
            return KernelResult.Fail(Errno.ERANGE, $"{pe}: error function {function} is none of loads and stores of memory (0, 1, 6, 7)");
        }

        // eeh.c: eeh_break_device: a load from a BAR with decoding off, which nobody answers.
        if (pe.Members.Any(member => EehMember.HasMemoryBar(member.Function))) pe.Stop(PeFreeze.All);
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public override bool ResetsBus(EehPe pe) => true;
}
