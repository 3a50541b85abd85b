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
        PciIdentity found = function.Identity;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"pci:v{(uint)found.VendorId:X8}d{(uint)found.DeviceId:X8}sv{(uint)found.SubsystemVendorId:X8}sd{(uint)found.SubsystemId:X8}bc{(byte)(found.Class >> 16):X2}sc{(byte)(found.Class >> 8):X2}i{(byte)found.Class:X2}");
    }

    /// <summary>The attribute "uevent".</summary>
    public static string Uevent(PciFunction function, string? driver)
    {
        PciIdentity found = function.Identity;
        var text = new StringBuilder();
        if (driver is not null) text.Append(CultureInfo.InvariantCulture, $"DRIVER={driver}\n");
        text.Append(CultureInfo.InvariantCulture, $"PCI_CLASS={found.Class:X}\n");
        text.Append(CultureInfo.InvariantCulture, $"PCI_ID={found.VendorId:X4}:{found.DeviceId:X4}\n");
        text.Append(CultureInfo.InvariantCulture, $"PCI_SUBSYS_ID={found.SubsystemVendorId:X4}:{found.SubsystemId:X4}\n");
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
