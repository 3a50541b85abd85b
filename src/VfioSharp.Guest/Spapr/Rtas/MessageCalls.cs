// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr.Rtas;

/// <summary>Message interrupts: ibm,change-msi and ibm,query-interrupt-source-number (hw/ppc/spapr_pci.c).</summary>
internal static class MessageCalls
{
    private const uint TypeMsi = 1;
    private const uint TypeMsix = 2;
    private const uint Edge = 1;

    /// <summary>Adds the calls.</summary>
    public static void AddTo(RtasCalls calls)
    {
        calls.Add(RtasToken.ChangeMsi, (in call) => Change(calls, call));
        calls.Add(RtasToken.QueryInterruptSourceNumber, (in call) => Query(calls, call));
    }

    private static RtasStatus Change(RtasCalls calls, in RtasCall call)
    {
        if (call.ArgumentCount != 6 || call.ResultCount is < 3 or > 4) return RtasStatus.ParameterError;
        if (calls.FindBridge(call.Buid) is not { } bridge || call.Argument(4) > int.MaxValue) return RtasStatus.ParameterError;
        var function = (ChangeMsiFunction)call.Argument(3);
        int requested = (int)call.Argument(4);
        RtasStatus status = bridge.Interrupts.Change(call.Argument(0) & MessageInterrupts.AddressMask, function, requested, out int granted, out _);
        if (status != RtasStatus.Success) return status;
        call.SetResult(1, (uint)granted);
        if (requested == 0) return status;

        // The sequence number of the guest's next call.
        call.SetResult(2, call.Argument(5) + 1);
        call.SetResult(3, bridge.Interrupts.ChoosesMsix(call.Argument(0) & MessageInterrupts.AddressMask, function) ? TypeMsix : TypeMsi);
        return status;
    }

    private static RtasStatus Query(RtasCalls calls, in RtasCall call)
    {
        if (!call.HasShape(4, 3) || calls.FindBridge(call.Buid) is not { } bridge) return RtasStatus.ParameterError;
        uint vector = call.Argument(3);
        if (vector > int.MaxValue) return RtasStatus.HardwareError;
        RtasStatus status = bridge.Interrupts.QuerySource(call.Argument(0) & MessageInterrupts.AddressMask, (int)vector, out int number);
        if (status != RtasStatus.Success) return status;
        call.SetResult(1, (uint)number);
        call.SetResult(2, Edge);
        return status;
    }
}
