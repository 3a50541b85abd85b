// SPDX-License-Identifier: MIT
namespace VfioSharp.Pci;

/// <summary>How many bytes a capability takes, which for several kinds its own flags say.</summary>
public static class CapabilityLength
{
    /// <summary>Length of the capability at <paramref name="position"/>, at least its two-byte header.</summary>
    public static int Of(ConfigView view, int position) => (PciCapabilityId)view.Read8(position) switch
    {
        PciCapabilityId.PowerManagement => 8,
        PciCapabilityId.Agp => 12,
        PciCapabilityId.Vpd => 8,
        PciCapabilityId.SlotId => 4,
        PciCapabilityId.Msi => Msi(view.Read16(position + 2)),
        PciCapabilityId.PciX => 8,
        PciCapabilityId.Vendor => Math.Max(view.Read8(position + 2), (byte)2),
        PciCapabilityId.Subsystem => 8,
        PciCapabilityId.Express => Express(view.Read16(position + 2)),
        PciCapabilityId.MsiX => 12,
        PciCapabilityId.Sata => 8,
        PciCapabilityId.AdvancedFeatures => 6,
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
