// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>Which AtomicOps of a device reach a root port that completes them (drivers/pci/pci.c: pci_enable_atomic_ops_to_root).</summary>
internal static class AtomicCompletion
{
    /// <summary>Bits of <see cref="VfioPciAtomicComp"/> (vfio_pci_info_atomic_cap); a virtual function has its physical one's.</summary>
    public static uint Find(PciFunction function, PciTopology topology)
    {
        PciFunction device = function.PhysicalFunction ?? function;
        int express = Express(device, out PciExpressType type);
        if (express == 0 || type is not (PciExpressType.Endpoint or PciExpressType.LegacyEndpoint)) return 0;
        uint own = Capabilities(device, express);
        ReadOnlySpan<(uint Register, uint Flag)> widths =
        [
            (PciExpDevCap2.AtomicComp32, VfioPciAtomicComp.Comp32),
            (PciExpDevCap2.AtomicComp64, VfioPciAtomicComp.Comp64),
            (PciExpDevCap2.AtomicComp128, VfioPciAtomicComp.Comp128),
        ];
        uint flags = 0;
        foreach ((uint register, uint flag) in widths)
        {
            if ((own & register) != 0 && ReachesRoot(device, express, topology, register)) flags |= flag;
        }

        return flags;
    }

    private static bool ReachesRoot(PciFunction device, int express, PciTopology topology, uint width)
    {
        for (PciFunction? bridge = topology.BridgeAbove(device); bridge is not null; bridge = topology.BridgeAbove(bridge))
        {
            int position = Express(bridge, out PciExpressType type);
            if (type == PciExpressType.RootPort)
            {
                if ((Capabilities(bridge, position) & width) == 0) return false;
                int control = express + PciExp.DevCtl2;
                if (control + 2 <= device.ConfigSize) device.WriteConfig(control, 2, Read(device, control, 2) | PciExpDevCtl2.AtomicReq);
                return true;
            }

            // Switch ports must let them pass, upstream ones not block them.
            if (type == PciExpressType.Upstream && (Read(bridge, position + PciExp.DevCtl2, 2) & PciExpDevCtl2.AtomicEgressBlock) != 0) return false;
            if (type is PciExpressType.Upstream or PciExpressType.Downstream && (Capabilities(bridge, position) & PciExpDevCap2.AtomicRoute) == 0) return false;
        }

        // No root port in sight: whoever enabled the device's requests knows of one.
        return (Read(device, express + PciExp.DevCtl2, 2) & PciExpDevCtl2.AtomicReq) != 0;
    }

    // Device Capabilities 2, which the first version of the capability does not have.
    private static uint Capabilities(PciFunction function, int express) =>
        (Read(function, express + PciExp.Flags, 2) & PciExpFlags.Vers) >= 2 ? Read(function, express + PciExp.DevCap2, 4) : 0;

    private static uint Read(PciFunction function, int offset, int width) => ConfigMap.ReadInside(function, offset, width);

    private static int Express(PciFunction function, out PciExpressType type)
    {
        Span<byte> bytes = stackalloc byte[PciConfigSpace.Size];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)function.ReadConfig(i, 1);
        var view = new ConfigView(bytes);
        int position = view.FindCapability(PciCapabilityId.Express);
        type = position == 0 ? PciExpressType.PciBridge : view.ExpressType;
        return position;
    }
}
