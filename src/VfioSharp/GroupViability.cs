// SPDX-License-Identifier: MIT
namespace VfioSharp;

/// <summary>Whether a group can be used, and if not, what stands in the way.</summary>
/// <param name="IsViable">The kernel's answer (the VIABLE flag of GROUP_GET_STATUS).</param>
/// <param name="Members">The group's devices and their drivers.</param>
/// <param name="Explanation">One sentence: why it is, or is not, viable.</param>
/// <param name="Remedy">The commands that make it viable; null when it is.</param>
public sealed record GroupViability(
    bool IsViable,
    IReadOnlyList<GroupMember> Members,
    string Explanation,
    string? Remedy)
{
    internal static GroupViability Explain(int group, bool viable, IReadOnlyList<GroupMember> members)
    {
        if (viable)
            return new(true, members, $"group {group} is viable: none of its {members.Count} devices has a host driver in the way", null);

        GroupMember[] blocking = [.. members.Where(member => member.Blocks)];
        if (blocking.Length == 0)
        {
            return new(false, members,
                $"group {group} is not viable though no host driver holds a device of it ({string.Join(", ", members)}): another owner has its DMA",
                "End the other user of the group (another container, or iommufd)");
        }

        string remedy = string.Join("; ", blocking.Select(member =>
            $"echo vfio-pci > /sys/bus/pci/devices/{member.Address}/driver_override; " +
            $"echo {member.Address} > /sys/bus/pci/devices/{member.Address}/driver/unbind; " +
            $"echo {member.Address} > /sys/bus/pci/drivers_probe"));
        return new(false, members,
            $"group {group} is not viable: {string.Join(", ", blocking)} must be given up by its host driver",
            $"As root: {remedy}");
    }
}
