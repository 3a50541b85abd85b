// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Platforms;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Host.Pci;

/// <summary>Resets a function by the first of its methods that works (drivers/pci/pci.c: __pci_reset_function_locked).</summary>
internal static class FunctionReset
{
    /// <summary>Resets; false when no method works: none is there, or the bus is shared.</summary>
    public static bool TryReset(PciFunction function, PciTopology topology)
    {
        foreach (PciResetMethod method in function.ResetMethods)
        {
            // pci_parent_bus_reset: only a function that is alone behind a bridge.
            if (method == PciResetMethod.Bus && (topology.BridgeAbove(function) is null || topology.OnBusOf(function).Count > 1)) continue;
            // What firmware leaves undone counts as done: nobody is told (powernv: pnv_pci_reset_secondary_bus).
            if (method != PciResetMethod.Bus || function.Isolation is null || function.Isolation.AdmitsBusReset()) function.Reset(method);
            return true;
        }

        return false;
    }

    /// <summary>The same, keeping configuration space (pci_try_reset_function).</summary>
    public static bool TryResetKeepingState(PciFunction function, PciTopology topology)
    {
        if (function.ResetMethods.Count == 0) return false;
        var saved = new SavedConfig(function);
        function.WriteConfig(PciHeader.Command, 2, (uint)PciCommand.IntxDisable);
        bool done = TryReset(function, topology);
        saved.Restore();
        return done;
    }
}
