// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Pci;

namespace VfioSharp.Guest.Spapr.Rtas;

/// <summary>
/// Configuration access: read-pci-config, write-pci-config and their ibm, forms, which name a bridge
/// (hw/ppc/spapr_pci.c).
/// </summary>
internal static class ConfigCalls
{
    /// <summary>Adds the calls.</summary>
    public static void AddTo(RtasCalls calls)
    {
        calls.Add(RtasToken.IbmReadPciConfig, (in call) => call.HasShape(4, 2) ? Read(calls, call, call.Buid, call.Argument(3)) : RtasStatus.HardwareError);
        calls.Add(RtasToken.IbmWritePciConfig, (in call) => call.HasShape(5, 1) ? Write(calls, call, call.Buid, call.Argument(3), call.Argument(4)) : RtasStatus.HardwareError);

        // The short forms mean the bridge 0, which no pseries machine has.
        calls.Add(RtasToken.ReadPciConfig, (in call) => call.HasShape(2, 2) ? Read(calls, call, 0, call.Argument(1)) : RtasStatus.HardwareError);
        calls.Add(RtasToken.WritePciConfig, (in call) => call.HasShape(3, 1) ? Write(calls, call, 0, call.Argument(1), call.Argument(2)) : RtasStatus.HardwareError);
    }

    private static RtasStatus Read(RtasCalls calls, in RtasCall call, ulong buid, uint size)
    {
        if (Find(calls, buid, call.Argument(0), size, out int offset) is not { } device) return RtasStatus.HardwareError;
        call.SetResult(1, device.ReadConfig(offset, (int)size));
        return RtasStatus.Success;
    }

    private static RtasStatus Write(RtasCalls calls, in RtasCall call, ulong buid, uint size, uint value)
    {
        if (Find(calls, buid, call.Argument(0), size, out int offset) is not { } device) return RtasStatus.HardwareError;
        device.WriteConfig(offset, (int)size, value);
        return RtasStatus.Success;
    }

    // Bus, device and function in bits 8 to 23; the offset's low byte below them, its high bits above.
    private static GuestPciDevice? Find(RtasCalls calls, ulong buid, uint address, uint size, out int offset)
    {
        offset = (int)(((address >> 20) & 0xf00) | (address & 0xff));
        if (size is not (1 or 2 or 4) || offset % size != 0) return null;
        return calls.FindBridge(buid)?.FindDevice(address) is { } device && offset < device.ConfigSize ? device : null;
    }
}
