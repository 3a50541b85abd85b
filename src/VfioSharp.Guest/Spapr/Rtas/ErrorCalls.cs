// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr.Rtas;

/// <summary>EEH: recovery of endpoints that the hardware cut off (hw/ppc/spapr_pci.c, spapr_pci_vfio.c).</summary>
internal static class ErrorCalls
{
    private const uint InfoAddress = 0, InfoMode = 1, ModeShared = 2;
    private const uint Supported = 1, UnavailableFor = 1000, RecoverFor = 0;
    private const uint TemporaryLog = 1, PermanentLog = 2;

    /// <summary>Adds the calls.</summary>
    public static void AddTo(RtasCalls calls)
    {
        calls.Add(RtasToken.SetEehOption, (in call) =>
            call.HasShape(4, 1) && Find(calls, call) is { } bridge ? bridge.Errors.SetOption(call.Argument(0), (EehOption)call.Argument(3)) : RtasStatus.ParameterError);
        calls.Add(RtasToken.SetSlotReset, (in call) =>
            call.HasShape(4, 1) && Find(calls, call) is { } bridge ? bridge.Errors.Reset((SlotReset)call.Argument(3)) : RtasStatus.ParameterError);
        calls.Add(RtasToken.ConfigurePe, (in call) =>
            call.HasShape(3, 1) && Find(calls, call) is { } bridge ? bridge.Errors.Configure() : RtasStatus.ParameterError);
        calls.Add(RtasToken.GetConfigAddressInfo2, (in call) =>
            call.HasShape(4, 2) && Find(calls, call) is { } bridge ? GetInfo(bridge, call) : RtasStatus.ParameterError);
        calls.Add(RtasToken.ReadSlotResetState2, (in call) =>
            call.ArgumentCount == 3 && call.ResultCount is 4 or 5 && Find(calls, call) is { } bridge ? ReadState(bridge, call) : RtasStatus.ParameterError);

        // There is never a log: what failed is known to the host.
        calls.Add(RtasToken.SlotErrorDetail, (in call) =>
            call.HasShape(8, 1) && Find(calls, call) is not null && call.Argument(7) is TemporaryLog or PermanentLog ? RtasStatus.NoErrorsFound : RtasStatus.ParameterError);
    }

    private static RtasStatus GetInfo(PseriesHostBridge bridge, in RtasCall call)
    {
        switch (call.Argument(3))
        {
            // An endpoint's address is its bus, and 1.
            case InfoAddress when bridge.FindDevice(call.Argument(0)) is not null:
                call.SetResult(1, (call.Argument(0) & 0x00ff_0000) + 1);
                return RtasStatus.Success;
            case InfoMode:
                call.SetResult(1, ModeShared);
                return RtasStatus.Success;
            default:
                return RtasStatus.ParameterError;
        }
    }

    private static RtasStatus ReadState(PseriesHostBridge bridge, in RtasCall call)
    {
        RtasStatus status = bridge.Errors.GetState(out EndpointState state);
        if (status != RtasStatus.Success) return status;
        call.SetResult(1, (uint)state);
        call.SetResult(2, Supported);
        call.SetResult(3, UnavailableFor);
        call.SetResult(4, RecoverFor);
        return status;
    }

    // Without errors that can be handled the calls are refused whole.
    private static PseriesHostBridge? Find(RtasCalls calls, in RtasCall call) =>
        calls.FindBridge(call.Buid) is { Errors.IsAvailable: true } bridge ? bridge : null;
}
