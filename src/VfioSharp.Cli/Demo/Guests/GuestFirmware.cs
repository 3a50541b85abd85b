// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Guest;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>What the guest's firmware found: a device, and where it placed its BARs.</summary>
/// <param name="Function">Device and function number in one byte.</param>
/// <param name="VendorId">Its vendor.</param>
/// <param name="DeviceId">Its device id.</param>
/// <param name="ClassCode">Base class and subclass.</param>
/// <param name="Bars">Where its memory BARs are in the guest, by their index.</param>
internal sealed record FoundDevice(byte Function, ushort VendorId, ushort DeviceId, ushort ClassCode, IReadOnlyDictionary<int, GuestPhysicalAddress> Bars);

/// <summary>The guest's firmware: enumerates the bus by configuration access, sizes BARs and places them.</summary>
internal static class GuestFirmware
{
    private const int Slots = 32, Bars = 6;

    /// <summary>Finds all devices and places their BARs.</summary>
    public static IReadOnlyList<FoundDevice> Enumerate(GuestMachine guest)
    {
        var found = new List<FoundDevice>();
        ulong next = guest.FirstBar;
        for (int slot = 0; slot < Slots; slot++)
        {
            byte function = (byte)(slot << 3);
            uint id = guest.ReadConfig(function, ConfigOffset.VendorId, 4);
            if ((ushort)id == ushort.MaxValue) continue;
            Dictionary<int, GuestPhysicalAddress> bars = PlaceBars(guest, function, ref next);
            found.Add(new FoundDevice(function, (ushort)id, (ushort)(id >> 16), (ushort)guest.ReadConfig(function, ConfigOffset.ClassCode, 2), bars));
        }

        return found;
    }

    /// <summary>Where a capability is; 0: the device has none such.</summary>
    public static int FindCapability(GuestMachine guest, byte function, byte id)
    {
        if ((guest.ReadConfig(function, ConfigOffset.Status, 2) & (uint)VfioSharp.Pci.PciStatus.CapabilityList) == 0) return 0;
        int position = (int)guest.ReadConfig(function, ConfigOffset.CapabilityPointer, 1);
        for (int left = 48; position >= ConfigOffset.HeaderSize && left > 0; left--)
        {
            if (guest.ReadConfig(function, position, 1) == id) return position;
            position = (int)guest.ReadConfig(function, position + 1, 1);
        }

        return 0;
    }

    /// <summary>Turns decoding of memory, and requests of its own, on.</summary>
    public static void Enable(GuestMachine guest, byte function) =>
        guest.WriteConfig(function, ConfigOffset.Command, 2, (uint)(PciCommand.Memory | PciCommand.Master));

    private static Dictionary<int, GuestPhysicalAddress> PlaceBars(GuestMachine guest, byte function, ref ulong next)
    {
        var placed = new Dictionary<int, GuestPhysicalAddress>();
        guest.WriteConfig(function, ConfigOffset.Command, 2, 0);
        for (int i = 0; i < Bars; i++)
        {
            int register = ConfigOffset.Bar0 + (4 * i), index = i;
            guest.WriteConfig(function, register, 4, uint.MaxValue);
            uint mask = guest.ReadConfig(function, register, 4);
            guest.WriteConfig(function, register, 4, 0);
            if (mask == 0) continue;
            bool is64Bit = (mask & (PciBaseAddress.SpaceIo | PciBaseAddress.MemType64)) == PciBaseAddress.MemType64;
            if (is64Bit) i++;
            if ((mask & PciBaseAddress.SpaceIo) != 0) continue;
            ulong size = ~(mask & 0xffff_fff0) + 1ul & uint.MaxValue;
            next = (next + size - 1) & ~(size - 1);
            guest.WriteConfig(function, register, 4, (uint)next);
            if (is64Bit) guest.WriteConfig(function, register + 4, 4, 0);
            placed[index] = guest.AddressOf(next);
            next += size;
        }

        return placed;
    }
}
