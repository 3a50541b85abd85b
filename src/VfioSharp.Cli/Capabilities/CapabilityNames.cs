// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Abi.PciRegs;

namespace VfioSharp.Cli.Capabilities;

/// <summary>What capabilities are called.</summary>
internal static class CapabilityNames
{
    private static readonly Dictionary<int, string> s_names = new()
    {
        [PciCapId.Pm] = "Power management",
        [PciCapId.Agp] = "AGP",
        [PciCapId.Vpd] = "Vital product data",
        [PciCapId.Slotid] = "Slot identification",
        [PciCapId.Msi] = "MSI",
        [PciCapId.Chswp] = "CompactPCI hot swap",
        [PciCapId.Pcix] = "PCI-X",
        [PciCapId.Ht] = "HyperTransport",
        [PciCapId.Vndr] = "Vendor specific",
        [PciCapId.Dbg] = "Debug port",
        [PciCapId.Ccrc] = "CompactPCI resource control",
        [PciCapId.Shpc] = "Hot-plug controller",
        [PciCapId.Ssvid] = "Subsystem",
        [PciCapId.Agp3] = "AGP 8x",
        [PciCapId.Secdev] = "Secure device",
        [PciCapId.Exp] = "PCI Express",
        [PciCapId.Msix] = "MSI-X",
        [PciCapId.Sata] = "SATA",
        [PciCapId.Af] = "Advanced features",
        [PciCapId.Ea] = "Enhanced allocation",
    };

    private static readonly Dictionary<int, string> s_extended = new()
    {
        [PciExtCapId.Err] = "Advanced error reporting",
        [PciExtCapId.Vc] = "Virtual channel",
        [PciExtCapId.Dsn] = "Device serial number",
        [PciExtCapId.Pwr] = "Power budgeting",
        [PciExtCapId.Rcld] = "Root complex link declaration",
        [PciExtCapId.Rcec] = "Root complex event collector",
        [PciExtCapId.Vndr] = "Vendor specific",
        [PciExtCapId.Acs] = "Access control services",
        [PciExtCapId.Ari] = "Alternative routing id",
        [PciExtCapId.Ats] = "Address translation services",
        [PciExtCapId.Sriov] = "SR-IOV",
        [PciExtCapId.Mcast] = "Multicast",
        [PciExtCapId.Pri] = "Page request",
        [PciExtCapId.Rebar] = "Resizable BAR",
        [PciExtCapId.Dpa] = "Dynamic power allocation",
        [PciExtCapId.Tph] = "TLP processing hints",
        [PciExtCapId.Ltr] = "Latency tolerance reporting",
        [PciExtCapId.Secpci] = "Secondary PCI Express",
        [PciExtCapId.Pasid] = "PASID",
        [PciExtCapId.Dpc] = "Downstream port containment",
        [PciExtCapId.L1Ss] = "L1 substates",
        [PciExtCapId.Ptm] = "Precision time measurement",
        [PciExtCapId.Dvsec] = "Designated vendor specific",
        [PciExtCapId.VfRebar] = "VF resizable BAR",
        [PciExtCapId.Dlf] = "Data link feature",
        [PciExtCapId.Pl16gt] = "Physical layer 16 GT/s",
        [PciExtCapId.Pl32gt] = "Physical layer 32 GT/s",
        [PciExtCapId.Pl64gt] = "Physical layer 64 GT/s",
        [PciExtCapId.Doe] = "Data object exchange",
    };

    /// <summary>The name of one of the conventional list.</summary>
    public static string Of(int id) => s_names.GetValueOrDefault(id) ?? Unknown(id);

    /// <summary>The name of one of the extended list.</summary>
    public static string OfExtended(int id) => s_extended.GetValueOrDefault(id) ?? Unknown(id);

    private static string Unknown(int id) => string.Create(CultureInfo.InvariantCulture, $"Capability 0x{id:x2}");
}
