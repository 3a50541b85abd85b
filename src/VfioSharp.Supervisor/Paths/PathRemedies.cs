// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Paths;

/// <summary>What can be done about a refused path: VFIO's nodes have the remedies of a real kernel, other files their own.</summary>
internal static class PathRemedies
{
    private const string Groups = "/sys/kernel/iommu_groups/";
    private const string Drivers = "/sys/bus/pci/drivers/";

    /// <summary>The remedy, or null where there is nothing to be done.</summary>
    public static string? For(string path, Errno errno)
    {
        if (path == "/dev/iommu") return "Use /dev/vfio/vfio and the group's node; QEMU does without -object iommufd";
        if (path.StartsWith("/dev/vfio", StringComparison.Ordinal))
        {
            return errno == Errno.ENOENT
                ? "vfio show lists the machine's groups: one has a node while a device of it is bound to vfio-pci"
                : Refusals.Explain(Refusals.Open, errno).Remedy;
        }

        return errno switch
        {
            Errno.ENOENT => Missing(path),
            Errno.EACCES => "Linux has it so, for root as well; open it the other way",
            _ => null,
        };
    }

    private static string Missing(string path) =>
        path.StartsWith(Groups, StringComparison.Ordinal) ? "vfio show lists the machine's groups and their devices"
        : path.StartsWith(Drivers, StringComparison.Ordinal) ? "The machine's drivers are those that its file names, and vfio-pci"
        : "The machine has no such file: a program that can do without need not mind";
}
