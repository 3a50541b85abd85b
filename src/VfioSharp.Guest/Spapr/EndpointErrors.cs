// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest.Pci;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Spapr;

/// <summary>
/// Errors of a bridge's assigned devices (EEH): what the guest's RTAS calls ask is asked of the container behind the
/// bridge's DMA (hw/ppc/spapr_pci_vfio.c). There must be exactly one, with exactly one group, as the kernel's interface
/// names no endpoint; else the guest hears that there is no such thing.
/// </summary>
/// <remarks>Calls come one at a time, with the machine's lock held.</remarks>
public sealed class EndpointErrors
{
    private readonly PseriesHostBridge _bridge;
    private readonly PseriesFirmware _firmware;

    internal EndpointErrors(PseriesHostBridge bridge, PseriesFirmware firmware)
    {
        _bridge = bridge;
        _firmware = firmware;
    }

    /// <summary>Whether the guest can handle errors of this bridge's devices.</summary>
    public bool IsAvailable => Find() is not null;

    /// <summary>ibm,set-eeh-option.</summary>
    /// <param name="configAddress">A device of the endpoint: errors are watched if anything assigned is on its bus.</param>
    /// <param name="option">What to do.</param>
    public RtasStatus SetOption(uint configAddress, EehOption option) => option switch
    {
        EehOption.Disable => Ask(errors => errors.Disable(), RtasStatus.HardwareError),
        EehOption.Enable when (configAddress & 0x00ff_0000) == 0 => Ask(errors => errors.Enable(), RtasStatus.HardwareError),
        EehOption.ThawMmio => Ask(errors => errors.ThawMmio(), RtasStatus.HardwareError),
        EehOption.ThawDma => Ask(errors => errors.ThawDma(), RtasStatus.HardwareError),
        _ => RtasStatus.ParameterError,
    };

    /// <summary>ibm,read-slot-reset-state2.</summary>
    public RtasStatus GetState(out EndpointState state)
    {
        EndpointState found = default;
        RtasStatus status = Ask(errors => found = errors.GetState(), RtasStatus.ParameterError);
        state = found;
        return status;
    }

    /// <summary>ibm,set-slot-reset. A reset clears the devices' MSI-X tables: MSI-X goes off before it, and the guest sets it up again.</summary>
    public RtasStatus Reset(SlotReset reset)
    {
        switch (reset)
        {
            case SlotReset.Deactivate:
                return Ask(errors => errors.EndReset(), RtasStatus.HardwareError);
            case SlotReset.Hot:
                TakeMessagesAway();
                return Ask(errors => errors.BeginHotReset(), RtasStatus.HardwareError);
            case SlotReset.Fundamental:
                TakeMessagesAway();
                return Ask(errors => errors.BeginFundamentalReset(), RtasStatus.HardwareError);
            default:
                return RtasStatus.ParameterError;
        }
    }

    /// <summary>ibm,configure-pe.</summary>
    public RtasStatus Configure() => Ask(errors => errors.Configure(), RtasStatus.ParameterError);

    /// <summary>The machine is reset: what was frozen works again.</summary>
    internal void Thaw()
    {
        if (IsAvailable) Ask(errors => errors.Enable(), RtasStatus.HardwareError);
    }

    private RtasStatus Ask(Action<SpaprErrorHandling> ask, RtasStatus refused)
    {
        if (Find() is not { } errors) return RtasStatus.ParameterError;
        try
        {
            ask(errors);
            return RtasStatus.Success;
        }
        catch (VfioException)
        {
            return refused;
        }
    }

    private SpaprErrorHandling? Find() => _firmware.HostDevices?.FindErrorHandling(_bridge.Bus.Dma);

    private void TakeMessagesAway()
    {
        foreach (GuestPciDevice device in _bridge.Bus.Devices)
        {
            if (device.MsixVectors == 0) continue;
            int control = FindMsix(device) + PciMsix.Flags;
            uint flags = device.ReadConfig(control, 2);
            if ((flags & PciMsix.FlagsEnable) != 0) device.WriteConfig(control, 2, flags & ~(uint)PciMsix.FlagsEnable);
        }
    }

    private static int FindMsix(GuestPciDevice device)
    {
        byte[] bytes = new byte[ConfigOffset.ConventionalSize];
        for (int i = 0; i < bytes.Length; i += sizeof(uint)) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i), device.ReadConfig(i, sizeof(uint)));
        return new ConfigView(bytes).FindCapability(PciCapabilityId.MsiX);
    }
}
