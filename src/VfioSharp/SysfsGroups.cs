// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp;

/// <summary>What sysfs says about IOMMU groups.</summary>
internal static class SysfsGroups
{
    internal static int FindNumber(IVfioKernel kernel, PciAddress device)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        string path = $"/sys/bus/pci/devices/{device}/iommu_group";
        KernelResult result = kernel.ReadLink(path, out string? target);
        if (result.IsError)
        {
            VfioException.Throw(
                result.Reason is null && result.Errno == Errno.ENOENT
                    ? KernelResult.Fail(Errno.ENOENT, $"there is no device {device}, or it is in no IOMMU group (is the IOMMU on?)")
                    : result,
                Refusals.ReadSysfs,
                path);
        }

        if (int.TryParse(LastName(target!), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return number;
        VfioException.Throw(KernelResult.Fail(Errno.EPROTO, $"the link leads to \"{target}\", not to a numbered group"), Refusals.ReadSysfs, path);
        return default;
    }

    internal static IReadOnlyList<GroupMember> ListMembers(IVfioKernel kernel, int group)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/sys/kernel/iommu_groups/{group}/devices");
        KernelResult result = kernel.ListNames(path, out IReadOnlyList<string>? names);
        if (result.IsError) VfioException.Throw(result, Refusals.ReadSysfs, path);
        var members = new List<GroupMember>(names!.Count);
        foreach (string name in names)
        {
            // Groups hold devices of other buses too; those are no PCI members.
            if (PciAddress.TryParse(name, out PciAddress address)) members.Add(new GroupMember(address, FindDriver(kernel, address)));
        }

        return members;
    }

    /// <summary>The host driver a device is bound to; no link is no driver.</summary>
    private static string? FindDriver(IVfioKernel kernel, PciAddress device) =>
        kernel.ReadLink($"/sys/bus/pci/devices/{device}/driver", out string? target).IsSuccess ? LastName(target!) : null;

    private static string LastName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
