// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Kernel;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo;

/// <summary>Looks an edu device up in sysfs, as any VFIO user finds its device.</summary>
internal static class EduFinder
{
    private const string Devices = "/sys/bus/pci/devices";

    /// <summary>The first edu bound to vfio-pci, else the first one; null when there is none.</summary>
    internal static PciAddress? Find(IVfioKernel kernel, out string? driver)
    {
        driver = null;
        PciAddress? first = null;
        if (kernel.ListNames(Devices, out IReadOnlyList<string>? names).IsError) return null;
        foreach (string name in names!)
        {
            if (!PciAddress.TryParse(name, out PciAddress address) ||
                ReadId(kernel, name, "vendor") != EduDriver.VendorId ||
                ReadId(kernel, name, "device") != EduDriver.DeviceId)
            {
                continue;
            }

            string? bound = kernel.ReadLink($"{Devices}/{name}/driver", out string? target).IsSuccess ? Path.GetFileName(target) : null;
            if (first is null) (first, driver) = (address, bound);
            if (bound != "vfio-pci") continue;
            driver = bound;
            return address;
        }

        return first;
    }

    /// <summary>An attribute such as <c>0x1234</c>; -1 when it is not there or is not such.</summary>
    private static int ReadId(IVfioKernel kernel, string device, string attribute)
    {
        if (kernel.ReadText($"{Devices}/{device}/{attribute}", out string? text).IsError) return -1;
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        if (!digits.StartsWith("0x")) return -1;
        return ushort.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort id) ? id : -1;
    }
}
