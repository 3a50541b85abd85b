// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Kernel;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>Which host devices the guest gets: an edu and an xHCI, bound to vfio-pci, of one IOMMU group where that can be.</summary>
internal static class GuestDevices
{
    private const string Devices = "/sys/bus/pci/devices";
    private const uint XhciClass = 0x0c0330;

    /// <summary>Looks them up in sysfs.</summary>
    public static (PciAddress Edu, PciAddress? Xhci) Find(IVfioKernel kernel)
    {
        if (kernel.ListNames(Devices, out IReadOnlyList<string>? names) is { IsError: true } refused) throw new DemoException($"{Devices} cannot be listed: {refused}");
        PciAddress[] bound = [.. names!.Select(name => PciAddress.TryParse(name, out PciAddress address) ? address : default)
            .Where(address => Path.GetFileName(Link(kernel, address, "driver")) == "vfio-pci")];
        PciAddress[] edus = [.. bound.Where(address => Number(kernel, address, "vendor") == EduDriver.VendorId && Number(kernel, address, "device") == EduDriver.DeviceId)];
        if (edus.Length == 0) throw new DemoException($"the {kernel.Name} has no device 1234:11e8 (edu) bound to vfio-pci");
        PciAddress[] xhcis = [.. bound.Where(address => Number(kernel, address, "class") == XhciClass)];
        PciAddress? xhci = xhcis.Length == 0 ? null : xhcis[0];
        PciAddress resettable = edus.FirstOrDefault(address => kernel.ReadText($"{Devices}/{address}/reset_method", out string? methods).IsSuccess && methods!.Trim().Length != 0, edus[0]);
        PciAddress edu = edus.FirstOrDefault(address => xhci is { } other && Link(kernel, address, "iommu_group") == Link(kernel, other, "iommu_group"), resettable);
        return (edu, xhci);
    }

    private static string Link(IVfioKernel kernel, PciAddress address, string name) =>
        kernel.ReadLink($"{Devices}/{address}/{name}", out string? target).IsSuccess ? Path.GetFileName(target!) : "";

    private static uint Number(IVfioKernel kernel, PciAddress address, string name) =>
        kernel.ReadText($"{Devices}/{address}/{name}", out string? text).IsSuccess && text!.Trim() is ['0', 'x', .. var digits] &&
        uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number)
            ? number
            : uint.MaxValue;
}
