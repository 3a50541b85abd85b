// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;
using VfioSharp.Host.VfioPci;

namespace VfioSharp.Host.Sysfs;

/// <summary>What a device says of itself to the tools that look for a driver (drivers/pci/pci-driver.c: pci_uevent).</summary>
internal static class DeviceIdentity
{
    /// <summary>The attribute "modalias", without its line end.</summary>
    public static string Modalias(PciFunction function)
    {
        (uint vendor, uint device) = DeviceQuirks.Ids(function);
        uint kind = function.ReadConfig(PciHeader.ClassRevision, 4) >> 8;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"pci:v{vendor:X8}d{device:X8}sv{function.ReadConfig(PciHeader.SubsystemVendorId, 2):X8}sd{function.ReadConfig(PciHeader.SubsystemId, 2):X8}bc{(byte)(kind >> 16):X2}sc{(byte)(kind >> 8):X2}i{(byte)kind:X2}");
    }

    /// <summary>The attribute "uevent".</summary>
    public static string Uevent(PciFunction function, string? driver)
    {
        (uint vendor, uint device) = DeviceQuirks.Ids(function);
        uint kind = function.ReadConfig(PciHeader.ClassRevision, 4) >> 8;
        var text = new StringBuilder();
        if (driver is not null) text.Append(CultureInfo.InvariantCulture, $"DRIVER={driver}\n");
        text.Append(CultureInfo.InvariantCulture, $"PCI_CLASS={kind:X}\n");
        text.Append(CultureInfo.InvariantCulture, $"PCI_ID={vendor:X4}:{device:X4}\n");
        text.Append(CultureInfo.InvariantCulture, $"PCI_SUBSYS_ID={function.ReadConfig(PciHeader.SubsystemVendorId, 2):X4}:{function.ReadConfig(PciHeader.SubsystemId, 2):X4}\n");
        text.Append(CultureInfo.InvariantCulture, $"PCI_SLOT_NAME={function.Address}\n");
        return text.Append(CultureInfo.InvariantCulture, $"MODALIAS={Modalias(function)}\n").ToString();
    }

    /// <summary>The attribute "reset_method"; null for a function that cannot be reset, which has none.</summary>
    public static string? ResetMethods(PciFunction function) => function.ResetMethods.Count == 0 ? null : string.Join(' ', function.ResetMethods.Select(Name)) + "\n";

    private static string Name(PciResetMethod method) => method switch
    {
        PciResetMethod.Flr => "flr",
        PciResetMethod.AfFlr => "af_flr",
        PciResetMethod.PowerManagement => "pm",
        _ => "bus",
    };
}
