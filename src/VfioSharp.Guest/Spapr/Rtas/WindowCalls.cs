// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Spapr.Rtas;

/// <summary>Dynamic DMA windows: ibm,query-, create-, remove- and reset-pe-dma-window (hw/ppc/spapr_rtas_ddw.c).</summary>
internal static class WindowCalls
{
    /// <summary>Adds the calls.</summary>
    public static void AddTo(RtasCalls calls)
    {
        calls.Add(RtasToken.QueryPeDmaWindow, (in call) => Query(calls, call));
        calls.Add(RtasToken.CreatePeDmaWindow, (in call) => Create(calls, call));
        calls.Add(RtasToken.RemovePeDmaWindow, (in call) => call.HasShape(1, 1) ? Remove(calls, call.Argument(0)) : RtasStatus.ParameterError);
        calls.Add(
            RtasToken.ResetPeDmaWindow,
            (in call) => call.HasShape(3, 1) && calls.FindBridge(call.Buid) is { } bridge ? bridge.ResetWindows() : RtasStatus.ParameterError);
    }

    private static RtasStatus Query(RtasCalls calls, in RtasCall call)
    {
        bool isLong = call.HasShape(3, 6);
        if ((!isLong && !call.HasShape(3, 5)) || calls.FindBridge(call.Buid) is not { } bridge) return RtasStatus.ParameterError;
        RtasStatus status = bridge.QueryWindows(out WindowQuery query);
        if (status != RtasStatus.Success) return status;
        uint result = 1;
        call.SetResult(result++, query.WindowsAvailable);

        // The long form has the largest block in 64 bits.
        if (isLong) call.SetResult(result++, (uint)(WindowQuery.LargestBlockOfAll >> 32));
        call.SetResult(result++, isLong ? unchecked((uint)WindowQuery.LargestBlockOfAll) : query.LargestBlock);
        call.SetResult(result++, query.PageSizes);
        call.SetResult(result, 0);
        return RtasStatus.Success;
    }

    private static RtasStatus Create(RtasCalls calls, in RtasCall call)
    {
        if (!call.HasShape(5, 4) || calls.FindBridge(call.Buid) is not { } bridge) return RtasStatus.ParameterError;
        RtasStatus status = bridge.CreateWindow(call.Argument(3), call.Argument(4), out GuestTceTable? window);
        if (status != RtasStatus.Success) return status;
        call.SetResult(1, window!.Liobn);
        call.SetResult(2, (uint)(window.Start.Value >> 32));
        call.SetResult(3, unchecked((uint)window.Start.Value));
        return RtasStatus.Success;
    }

    // It names no bridge: the window does.
    private static RtasStatus Remove(RtasCalls calls, uint liobn)
    {
        foreach (PseriesHostBridge bridge in calls.Bridges)
        {
            foreach (GuestTceTable window in bridge.DmaWindows)
                if (window.Liobn == liobn) return bridge.RemoveWindow(window);
        }

        return RtasStatus.ParameterError;
    }
}
