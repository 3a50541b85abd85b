// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Eeh;

/// <summary>EEH by OPAL firmware (arch/powerpc/platforms/powernv/eeh-powernv.c).</summary>
/// <param name="firmware">What the firmware answers.</param>
/// <param name="topology">The machine's buses as they stand.</param>
internal sealed class PowerNvEeh(PowerNvFirmware firmware, Func<PciTopology> topology) : EehOperations
{
    // OPAL_ERR_INJECT_TYPE_IOA_BUS_ERR64; 0 is the one of 32 bits.
    private const int LastErrorType = 1;

    /// <inheritdoc/>
    public override bool CutsOff => firmware.CutsOff;

    /// <inheritdoc/>
    public override bool FreezesOnDmaFault => firmware.FreezesOnDmaFault;

    /// <inheritdoc/>
    public override bool ReportsErrors => firmware.CutsOff;

    /// <inheritdoc/>
    public override Errno BlockedConfigError => Errno.ENODEV; // powernv/pci.c: pnv_pci_read_config: PCIBIOS_DEVICE_NOT_FOUND

    /// <inheritdoc/>
    public override PeFreeze StoppedBy(PeFreeze error) => error;

    /// <inheritdoc/>
    public override bool IsConfigFragile(PciFunction function)
    {
        // pnv_eeh_probe: Broadcom adapters that run out of credits, which fences the whole host bridge.
        ArgumentNullException.ThrowIfNull(function);
        return function.ReadConfig(PciHeader.VendorId, 4) is 0x1656_14e4 or 0x1657_14e4 or 0x168a_14e4 or 0x168e_14e4;
    }

    /// <inheritdoc/>
    public override KernelResult SetOption(EehPe pe, EehOption option)
    {
        // pnv_eeh_set_option
        switch (option)
        {
            case EehOption.Disable:
                return KernelResult.Fail(Errno.EPERM, $"{pe}: error handling of one endpoint cannot be disabled");
            case EehOption.ThawMmio:
                pe.Thaw(PeFreeze.Mmio);
                break;
            case EehOption.ThawDma:
                pe.Thaw(PeFreeze.Dma);
                break;
            case EehOption.Freeze:
                firmware.SetFreeze(pe);
                break;
        }

        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public override EehStates GetState(EehPe pe)
    {
        // pnv_eeh_get_pe_state: the hardware's state stays frozen until a reset is over, and the core must go on.
        if ((pe.Flags & EehPeFlags.Reset) != 0) return EehStates.Working;
        EehStates state = firmware.FreezeStatus(pe) switch
        {
            PeFreeze.None => EehStates.Working,
            PeFreeze.Mmio => EehStates.DmaActive | EehStates.DmaEnabled,
            PeFreeze.Dma => EehStates.MmioActive | EehStates.MmioEnabled,
            _ => EehStates.None,
        };
        if (state == EehStates.None && (pe.Flags & EehPeFlags.Isolated) == 0) pe.MarkIsolated();
        return state;
    }

    /// <inheritdoc/>
    public override KernelResult Reset(EehPe pe, EehReset step)
    {
        // pnv_eeh_reset
        if (pe.Kind == EehPeKind.VirtualFunction) return ResetVirtualFunction(pe, step);
        if (pe.Members.Count == 0) return KernelResult.Fail(Errno.EIO, $"{pe}: it has no function, so no bus to reset");

        // Firmware lets go by itself: no step of its own.
        if (step == EehReset.Deactivate) return KernelResult.Success;
        if (IsBelowSlot(pe) && !firmware.ResetSlot(pe.Phb))
        {
            // A hot reset is asked of the bridge (pci_bus_error_reset), and nobody hears how that went.
            if (step == EehReset.Hot) return KernelResult.Success;
            return KernelResult.Fail(Errno.EIO, $"{pe}: the firmware refuses the fundamental reset: the slot of PHB#{pe.Phb.Segment:x} is left busy by the reset before");
        }

        foreach (EehMember member in pe.MembersBelow()) member.Function.Reset(PciResetMethod.Bus);
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public override KernelResult ConfigureBridge(EehPe pe) => KernelResult.Success; // pnv_eeh_configure_bridge

    /// <inheritdoc/>
    public override KernelResult InjectError(EehPe pe, int type, int function, ulong address, ulong mask)
    {
        // pnv_eeh_err_inject
        if (type is < 0 or > LastErrorType) return KernelResult.Fail(Errno.ERANGE, $"{pe}: error type {type} is neither 0 (32-bit addresses) nor 1 (64-bit addresses)");
        if ((firmware.InjectableFunctions & (1u << function)) == 0)
        {
            return KernelResult.Fail(Errno.EIO, $"{pe}: the firmware cannot inject error function {function}, only those of bitmap 0x{firmware.InjectableFunctions:x}");
        }

        if (firmware.CutsOff) pe.ArmConfigError(onStore: function >= (int)EehErrorFunction.StoreConfigAddress);
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public override bool ResetsBus(EehPe pe) => !IsBelowSlot(pe) || firmware.ResetSlot(pe.Phb);

    // pnv_eeh_reset_vf_pe: function level resets only; they are over at once.
    private static KernelResult ResetVirtualFunction(EehPe pe, EehReset step)
    {
        if (pe.Members.Count == 0) return KernelResult.Fail(Errno.ENXIO, $"{pe}: the virtual function is gone");
        PciFunction function = pe.Members[0].Function;
        foreach (PciResetMethod method in function.ResetMethods)
        {
            if (method is not (PciResetMethod.Flr or PciResetMethod.AfFlr)) continue;
            if (step != EehReset.Deactivate) function.Reset(method);
            return KernelResult.Success;
        }

        return KernelResult.Fail(Errno.ENOTTY, $"{pe}: virtual function {function.Address} has no function level reset");
    }

    // Whether the host bridge's own slot is what resets the endpoint's bus, not a bridge further down.
    private bool IsBelowSlot(EehPe pe)
    {
        if (pe.Members.Count == 0) return false;
        PciTopology buses = topology();
        PciFunction? bridge = buses.BridgeAbove(pe.Members[0].Function);
        return bridge is null || buses.BridgeAbove(bridge) is null;
    }
}
