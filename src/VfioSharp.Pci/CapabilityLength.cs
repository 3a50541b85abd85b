// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;

namespace VfioSharp.Pci;

/// <summary>How many bytes a capability takes, which for several kinds its own flags say.</summary>
public static class CapabilityLength
{
    /// <summary>Length of the capability at <paramref name="position"/>, at least its two-byte header.</summary>
    public static int Of(ConfigView view, int position) => view.Read8(position) switch
    {
        PciCapId.Pm => 8,
        PciCapId.Agp => 12,
        PciCapId.Vpd => 8,
        PciCapId.Slotid => 4,
        PciCapId.Msi => Msi(view.Read16(position + 2)),
        PciCapId.Pcix => 8,
        PciCapId.Vndr => Math.Max(view.Read8(position + 2), (byte)2),
        PciCapId.Ssvid => 8,
        PciCapId.Exp => Express(view.Read16(position + 2)),
        PciCapId.Msix => 12,
        PciCapId.Sata => 8,
        PciCapId.Af => 6,
        _ => 2,
    };

    /// <summary>Length of an MSI capability with the given message control: 10 bytes, more with 64-bit addresses and masks.</summary>
    public static int Msi(ushort control)
    {
        int length = 10;
        if ((control & 0x80) != 0) length += 4;
        if ((control & 0x100) != 0) length += 10;
        return length;
    }

    /// <summary>Length of an Express capability with the given capability register: version 1 of an endpoint has 20 bytes, version 2 has 60.</summary>
    public static int Express(ushort capabilities) => (capabilities & 0xf) >= 2 ? 0x3c : 0x14;
}
