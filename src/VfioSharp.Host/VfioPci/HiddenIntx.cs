// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// Devices whose INTx cannot be watched: they raise it without saying so in STATUS. Users see them without an
/// interrupt pin (vfio_pci_core.c: vfio_pci_nointx).
/// </summary>
internal static class HiddenIntx
{
    private const uint Intel = 0x8086;

    // Intel's 700 series and X550 network cards, first and last device id of each run.
    private static readonly (ushort First, ushort Last)[] s_intel =
    [
        (0x1563, 0x1563), (0x1572, 0x1572), (0x1574, 0x1574), (0x1580, 0x1581), (0x1583, 0x158b), (0x37d0, 0x37d2),
    ];

    /// <summary>Whether a function is one of them.</summary>
    public static bool Covers(PciFunction function)
    {
        if (function.ReadConfig(PciHeader.VendorId, 2) != Intel) return false;
        uint device = function.ReadConfig(PciHeader.DeviceId, 2);
        return Array.Exists(s_intel, run => device >= run.First && device <= run.Last);
    }
}
