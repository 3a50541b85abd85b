// SPDX-License-Identifier: MIT
using VfioSharp.Pci;

namespace VfioSharp.Host.Platforms;

/// <summary>
/// Functions of x86 machines that are isolated without saying so by ACS, or say so elsewhere (drivers/pci/quirks.c:
/// pci_dev_acs_enabled). Ports of other processors and chipsets are not listed.
/// </summary>
internal static class AcsQuirks
{
    private const ushort Intel = 0x8086;

    // pci_quirk_mf_endpoint_acs: several functions that vendors say never reach each other. Vendor, first and last device id.
    private static readonly (ushort Vendor, ushort First, ushort Last)[] s_endpoints =
    [
        (0x1924, 0x0903, 0x0903), (0x1924, 0x0923, 0x0923), (0x1924, 0x0a03, 0x0a03), (0x8086, 0x105e, 0x1060),
        (0x8086, 0x10a7, 0x10a7), (0x8086, 0x10a9, 0x10a9), (0x8086, 0x10c6, 0x10c6), (0x8086, 0x10c9, 0x10c9),
        (0x8086, 0x10d6, 0x10d6), (0x8086, 0x10d9, 0x10d9), (0x8086, 0x10db, 0x10db), (0x8086, 0x10dd, 0x10dd),
        (0x8086, 0x10e1, 0x10e1), (0x8086, 0x10e6, 0x10e8), (0x8086, 0x10f1, 0x10f1), (0x8086, 0x10f7, 0x10fc),
        (0x8086, 0x1507, 0x1507), (0x8086, 0x1509, 0x150a), (0x8086, 0x150d, 0x1511), (0x8086, 0x1514, 0x1514),
        (0x8086, 0x1516, 0x1516), (0x8086, 0x1518, 0x1518), (0x8086, 0x151c, 0x151c), (0x8086, 0x1521, 0x1524),
        (0x8086, 0x1526, 0x1527), (0x8086, 0x1529, 0x152a), (0x8086, 0x154d, 0x154d), (0x8086, 0x154f, 0x154f),
        (0x8086, 0x1551, 0x1551), (0x8086, 0x1558, 0x1558), (0x8086, 0x15b7, 0x15b8), (0x19a2, 0x0710, 0x0710),
        (0x10df, 0x0720, 0x0720), (0x177d, 0xa026, 0xa026), (0x177d, 0xa059, 0xa059), (0x177d, 0xa060, 0xa060),
        (0x14e4, 0x16d7, 0x16d7), (0x14e4, 0x1750, 0x1752), (0x14e4, 0x1760, 0x1763), (0x1d17, 0x3038, 0x3038),
        (0x1d17, 0x3104, 0x3104), (0x1d17, 0x9083, 0x9083),
    ];

    // pci_quirk_intel_pch_acs: root ports of Intel's chipsets before Sunrise Point, which firmware or the kernel isolates.
    private static readonly (ushort First, ushort Last)[] s_rootPorts =
    [
        (0x1c10, 0x1c1f), (0x1d10, 0x1d10), (0x1d12, 0x1d12), (0x1d14, 0x1d14), (0x1d16, 0x1d16), (0x1d18, 0x1d18),
        (0x1d1a, 0x1d1a), (0x1d1c, 0x1d1c), (0x1d1e, 0x1d1e), (0x1e10, 0x1e1f), (0x3b42, 0x3b51), (0x8c10, 0x8c1f),
        (0x8c90, 0x8c90), (0x8c92, 0x8c92), (0x8c94, 0x8c94), (0x8c96, 0x8c96), (0x8c98, 0x8c98), (0x8c9a, 0x8c9a),
        (0x8c9c, 0x8c9c), (0x8c9e, 0x8c9e), (0x8d10, 0x8d1e), (0x9c10, 0x9c1b), (0x9c90, 0x9c9b),
    ];

    // pci_quirk_intel_spt_pch_acs: root ports from Sunrise Point on, whose ACS registers take 32 bits each.
    private static readonly (ushort First, ushort Last)[] s_wideRootPorts =
    [
        (0x9d10, 0x9d1b), (0xa110, 0xa11f), (0xa167, 0xa16a), (0xa290, 0xa29f), (0xa2e7, 0xa2ee),
    ];

    /// <summary>Whether a function is isolated by a quirk, or not in spite of its capability; null: no quirk covers it.</summary>
    public static bool? Isolated(ConfigView view)
    {
        (ushort vendor, ushort device) = (view.VendorId, view.DeviceId);
        if (Array.Exists(s_endpoints, run => run.Vendor == vendor && device >= run.First && device <= run.Last)) return true;
        if (vendor != Intel || !view.IsExpress) return null;

        // pci_quirk_rciep_acs: by VT-d's specification.
        if (view.ExpressType == PciExpressType.RootComplexEndpoint) return true;
        if (view.ExpressType != PciExpressType.RootPort) return null;
        if (Array.Exists(s_rootPorts, run => device >= run.First && device <= run.Last)) return true;
        return Array.Exists(s_wideRootPorts, run => device >= run.First && device <= run.Last) ? IsolatedByWideRegisters(view) : null;
    }

    private static bool? IsolatedByWideRegisters(ConfigView view)
    {
        int acs = view.FindExtendedCapability(PciExtendedCapabilityId.AccessControlServices);
        if (acs == 0) return null;
        uint required = IommuGrouping.RequiredAcs & view.Read32(acs + 4);
        return (view.Read32(acs + 8) & required) == required;
    }
}
