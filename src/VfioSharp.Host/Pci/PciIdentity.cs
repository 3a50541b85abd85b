// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;

namespace VfioSharp.Host.Pci;

/// <summary>
/// What the system noted of a function when it found it (drivers/pci/probe.c: pci_setup_device). It goes by this from
/// then on, and says this in sysfs, though the function may answer ones only later: frozen, asleep, or removed.
/// </summary>
/// <param name="VendorId">Who made it.</param>
/// <param name="DeviceId">Which of the vendor's devices it is.</param>
/// <param name="SubsystemVendorId">Who made the card.</param>
/// <param name="SubsystemId">Which of the card's vendor's it is.</param>
/// <param name="Class">Class, subclass and programming interface: 24 bits.</param>
/// <param name="Revision">Revision.</param>
/// <param name="HeaderType">Header type, without the bit of functions that have others beside them.</param>
internal sealed record PciIdentity(
    ushort VendorId, ushort DeviceId, ushort SubsystemVendorId, ushort SubsystemId, uint Class, byte Revision, byte HeaderType)
{
    private const byte MultiFunction = 0x80;

    /// <summary>Reads it. A virtual function's own ids are ones: its physical function tells (drivers/pci/iov.c: pci_iov_scan_device).</summary>
    public static PciIdentity Read(PciFunction function)
    {
        (ushort vendor, ushort device) = function.PhysicalFunction is { } physical
            ? (physical.Identity.VendorId, SriovCapability.Find(physical)?.DeviceId ?? 0)
            : ((ushort)function.ReadConfig(PciHeader.VendorId, 2), (ushort)function.ReadConfig(PciHeader.DeviceId, 2));
        uint kind = function.ReadConfig(PciHeader.ClassRevision, 4);
        return new PciIdentity(
            vendor,
            device,
            (ushort)function.ReadConfig(PciHeader.SubsystemVendorId, 2),
            (ushort)function.ReadConfig(PciHeader.SubsystemId, 2),
            kind >> 8,
            (byte)kind,
            (byte)(function.ReadConfig(PciHeader.HeaderType, 1) & ~MultiFunction));
    }
}
