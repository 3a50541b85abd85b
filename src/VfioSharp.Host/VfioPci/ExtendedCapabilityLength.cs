// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>Lengths of extended capabilities as vfio-pci takes them; 0 for those users do not get to see.</summary>
internal static class ExtendedCapabilityLength
{
    /// <summary>Length of the capability (vfio_pci_config.c: pci_ext_cap_length, vfio_ext_cap_len).</summary>
    public static int Of(PciFunction function, int id, int position) => id switch
    {
        PciExtCapId.Err => PciErr.RootCommand,
        PciExtCapId.Vc or PciExtCapId.Vc9 or PciExtCapId.Mfvc => VirtualChannel(function, position),
        PciExtCapId.Dsn => PciExtCapSize.Dsn,
        PciExtCapId.Pwr => PciExtCapSize.Pwr,
        PciExtCapId.Vndr => (int)(ConfigMap.ReadInside(function, position + 4, 4) >> 20),
        PciExtCapId.Acs => AccessControl(function, position),
        PciExtCapId.Ari => PciExtCapSize.Ari,
        PciExtCapId.Ats => PciExtCapSize.Ats,
        PciExtCapId.Sriov => PciExtCapSize.Sriov,
        PciExtCapId.Mcast => PciExtCapSize.McastEndpoint,
        PciExtCapId.Pri => PciExtCapSize.Pri,
        PciExtCapId.Rebar => 4 + (8 * (int)((ConfigMap.ReadInside(function, position + 8, 1) & 0xe0) >> 5)),
        PciExtCapId.Dpa => PciExtCapSize.DpaBase + (int)(ConfigMap.ReadInside(function, position + 4, 1) & 0x1f) + 1,
        PciExtCapId.Tph => Tph(ConfigMap.ReadInside(function, position + 4, 4)),
        PciExtCapId.Ltr => PciExtCapSize.Ltr,
        PciExtCapId.Dvsec => (int)(ConfigMap.ReadInside(function, position + 4, 4) >> 20),
        _ => 0,
    };

    // vfio_vc_cap_len: the virtual channels, then the arbitration table when there is one.
    private static int VirtualChannel(PciFunction function, int position)
    {
        uint extra = ConfigMap.ReadInside(function, position + 4, 4) & 7;
        uint arbitration = ConfigMap.ReadInside(function, position + 8, 4);
        int phases = (arbitration & 8) != 0 ? 128 : (arbitration & 4) != 0 ? 64 : (arbitration & 2) != 0 ? 32 : 0;
        int length = PciExtCapSize.VcBase + ((1 + (int)extra) * PciExtCapSize.VcEach);
        return phases == 0 ? length : ((length + 15) & ~15) + (phases * 4 / 8);
    }

    private static int AccessControl(PciFunction function, int position)
    {
        if ((ConfigMap.ReadInside(function, position + PciAcs.Capabilities, 1) & PciAcs.Ec) == 0) return 8;
        uint bits = ConfigMap.ReadInside(function, position + PciAcs.EgressBits, 1);
        return 8 + (bits == 0 ? 32 : (int)((bits + 31) & ~31u) / 8);
    }

    private static int Tph(uint capability) => (capability & 0x600) == 0x200
        ? PciExtCapSize.TphBase + ((int)((capability & 0x7ff0000) >> 16) * 2) + 2
        : PciExtCapSize.TphBase;
}
