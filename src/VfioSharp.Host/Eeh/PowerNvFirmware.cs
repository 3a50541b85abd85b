// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;

namespace VfioSharp.Host.Eeh;

/// <summary>
/// What a PowerNV machine's firmware and host bridge (skiboot on PHB4) answer to EEH's calls: everything that differs
/// from one to the other is here.
/// </summary>
/// <param name="CutsOff">Whether the host bridge stops accesses to a frozen endpoint and its memory requests.</param>
/// <param name="FreezesOnDmaFault">Whether a refused memory request freezes the endpoint.</param>
/// <param name="MarksRequestedFreezes">
/// Whether an endpoint that the kernel froze counts as one with an error: firmware asks for that mark before it looks
/// what is frozen (opal_pci_eeh_freeze_status).
/// </param>
/// <param name="ForgetsToEndReset">
/// Whether a slot's reset leaves its state machine busy although it is done, so that the next one fails and puts it to
/// rest (opal_pci_reset, for both kinds of reset).
/// </param>
/// <param name="InjectableFunctions">Bitmap of the errors that can be injected (opal_pci_err_inject).</param>
internal sealed record PowerNvFirmware(
    bool CutsOff, bool FreezesOnDmaFault, bool MarksRequestedFreezes, bool ForgetsToEndReset, uint InjectableFunctions)
{
    // On PHB4 only errors of configuration cycles can be injected.
    private const uint ConfigErrors =
        (1u << (int)EehErrorFunction.LoadConfigAddress) | (1u << (int)EehErrorFunction.LoadConfigData)
        | (1u << (int)EehErrorFunction.StoreConfigAddress) | (1u << (int)EehErrorFunction.StoreConfigData);

    /// <summary>A POWER9.</summary>
    public static PowerNvFirmware Hardware { get; } = new(true, true, true, false, ConfigErrors);

    /// <summary>
    /// QEMU's POWER9: the model keeps the tables of frozen endpoints but does not act on them, and its mark of those with
    /// errors is only what somebody writes there. skiboot takes a shortcut on QEMU when the link is up again, past the
    /// step that ends a reset: answers recorded (t53: the fundamental reset after a hot one is EIO, e05: one alone is 0).
    /// </summary>
    public static PowerNvFirmware Qemu { get; } = new(false, false, false, true, ConfigErrors);

    /// <summary>The firmware of a machine.</summary>
    public static PowerNvFirmware Of(EehBehaviour behaviour) => behaviour == EehBehaviour.Qemu ? Qemu : Hardware;

    /// <summary>What is frozen, as the firmware says.</summary>
    public PeFreeze FreezeStatus(EehPe pe) => pe.IsMarkedInError ? pe.Frozen : PeFreeze.None;

    /// <summary>Freezes an endpoint on the kernel's request.</summary>
    public void SetFreeze(EehPe pe)
    {
        if (MarksRequestedFreezes) pe.IsMarkedInError = true;
        pe.SetStopped(PeFreeze.All);
    }

    /// <summary>Resets what is behind a host bridge's slot; false when the firmware says it could not.</summary>
    public bool ResetSlot(EehPhb phb) => !ForgetsToEndReset || (phb.CountReset() & 1) != 0;
}
