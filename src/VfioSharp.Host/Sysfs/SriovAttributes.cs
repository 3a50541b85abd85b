// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Sysfs;

/// <summary>The sriov_* attributes and links of physical and virtual functions (drivers/pci/iov.c: sriov_pf_dev_attrs).</summary>
internal sealed class SriovAttributes(HostDrivers drivers, GroupRegistry registry)
{
    /// <summary>The text of an attribute, or null when the function has no such.</summary>
    public string? Read(FunctionBinding binding, string attribute)
    {
        if (!attribute.StartsWith("sriov_", StringComparison.Ordinal) || SriovCapability.Find(binding.Function) is not { } sriov) return null;
        switch (attribute)
        {
            case "sriov_totalvfs": return Line(sriov.TotalVfs);
            case "sriov_offset": return Line(sriov.FirstOffset);
            case "sriov_stride": return Line(sriov.Stride);
            case "sriov_vf_device": return sriov.DeviceId.ToString("x", CultureInfo.InvariantCulture) + "\n";
            case "sriov_numvfs":
                using (registry.Lock.EnterScope()) return Line(binding.VirtualFunctions.Count);
            case "sriov_drivers_autoprobe":
                using (registry.Lock.EnterScope()) return binding.ProbesVirtualFunctions ? "1\n" : "0\n";
            default: return null;
        }
    }

    /// <summary>Writes an attribute; null when the function has no such.</summary>
    public KernelResult? Write(FunctionBinding binding, string attribute, string value)
    {
        if (attribute is not ("sriov_numvfs" or "sriov_drivers_autoprobe") || SriovCapability.Find(binding.Function) is not { } sriov) return null;
        if (attribute == "sriov_numvfs")
        {
            return TryCount(value, out ushort count)
                ? drivers.SetVirtualFunctions(binding, sriov, count)
                : KernelResult.Fail(Errno.EINVAL, $"{attribute} of {binding.Function.Address}: \"{value}\" is not a count from 0 to 65535");
        }

        if (!KernelBoolean.TryParse(value, out bool probes))
        {
            return KernelResult.Fail(Errno.EINVAL, $"{attribute} of {binding.Function.Address}: \"{value}\" is not a boolean");
        }

        using (registry.Lock.EnterScope()) binding.ProbesVirtualFunctions = probes;
        return KernelResult.Success;
    }

    // lib/kstrtox.c: kstrtou16 with base 0: 0x for hexadecimal, 0 for octal.
    private static bool TryCount(string text, out ushort count)
    {
        string digits = text.StartsWith('+') ? text[1..] : text;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return ushort.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out count);
        if (digits.Length < 2 || digits[0] != '0') return ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count);
        int value = 0;
        count = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7') return false;
            value = (value * 8) + (digit - '0');
            if (value > ushort.MaxValue) return false;
        }

        count = (ushort)value;
        return true;
    }

    private static string Line(int number) => number.ToString(CultureInfo.InvariantCulture) + "\n";
}
