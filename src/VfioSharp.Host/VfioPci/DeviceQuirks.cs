// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>Devices that vfio-pci treats in a way of their own, by the ids that the kernel knows them by.</summary>
internal static class DeviceQuirks
{
    private const ushort Intel = 0x8086;

    // Intel's 700 series and X550 network cards, first and last device id of each run.
    private static readonly (ushort First, ushort Last)[] s_hiddenIntx =
    [
        (0x1563, 0x1563), (0x1572, 0x1572), (0x1574, 0x1574), (0x1580, 0x1581), (0x1583, 0x158b), (0x37d0, 0x37d2),
    ];

    // Intel's QuickAssist (C3000, C62x, DH895xCC, with their virtual functions) and the first DSA and IAX.
    private static readonly ushort[] s_denied = [0x0435, 0x0443, 0x0b25, 0x0cfe, 0x19e2, 0x19e3, 0x37c8, 0x37c9];

    /// <summary>
    /// Whether INTx cannot be watched, as the device raises it without saying so in STATUS: users see no interrupt pin
    /// (vfio_pci_core.c: vfio_pci_nointx).
    /// </summary>
    public static bool HidesIntx(PciFunction function)
    {
        ushort device = function.Identity.DeviceId;
        return function.Identity.VendorId == Intel && Array.Exists(s_hiddenIntx, run => device >= run.First && device <= run.Last);
    }

    /// <summary>Whether vfio-pci refuses the device, which would harm the host in a user's hands (vfio_pci.c: vfio_pci_dev_in_denylist).</summary>
    public static bool IsDenied(ushort vendor, ushort device) => vendor == Intel && s_denied.Contains(device);
}
