// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// How an assigned device is reset (hw/vfio/pci.c: vfio_pci_reset): by itself where it can; else its bus on the host,
/// when all devices there are this machine's; else by leaving D3hot.
/// </summary>
/// <remarks>Called with the machine's lock held.</remarks>
internal sealed class DeviceReset(AssignedPciDevice device, AssignedDevices machine, VfioDevice host, AssignedCapabilities capabilities)
{
    // Whether its own reset is a good one: a power management reset leaves much as it was.
    private bool PrefersOwn => host.CanReset && (capabilities.HasFunctionReset || !capabilities.HasPowerReset);

    /// <summary>Whether the machine's reset should reset its bus (vfio_pci_compute_needs_reset).</summary>
    internal bool NeedsBusReset { get; private set; }

    /// <summary>The machine is going to be reset.</summary>
    internal void Prepare() => NeedsBusReset = !host.CanReset || (!capabilities.HasFunctionReset && capabilities.HasPowerReset);

    /// <summary>Resets the device alone. Interrupts are off, and its DMA is.</summary>
    internal void ResetAlone()
    {
        if (PrefersOwn && host.TryReset().IsSuccess) return;

        // A bus reset that reaches no other device of this machine is as good as one of the device.
        if (TryBusReset(others: false)) return;
        if (host.CanReset && capabilities.HasPowerReset && host.TryReset().IsSuccess) return;
        device.Warn($"{device.Host} cannot be reset: it goes on in the state it is in");
    }

    /// <summary>Resets the bus of several devices of this machine, at a reset of the machine.</summary>
    internal void ResetTogether()
    {
        if (!NeedsBusReset) return;
        device.PrepareHostReset();
        TryBusReset(others: true);
        device.FinishHostReset();
    }

    private bool TryBusReset(bool others)
    {
        NeedsBusReset = false;
        KernelResult asked = host.GetHotResetInfo(out IReadOnlyList<DependentDevice> affected);
        if (asked.IsError) return false;
        var groups = new Dictionary<int, VfioGroup>();
        var neighbours = new List<AssignedPciDevice>();
        foreach (DependentDevice one in affected)
        {
            if (machine.FindGroup(one.Group) is not { } group)
            {
                if (!capabilities.HasPowerReset) device.Warn($"the bus of {device.Host} cannot be reset: {one.Address} is in group {one.Group}, which is not this machine's");
                return false;
            }

            groups[one.Group] = group;
            if (one.Address != device.Host && machine.Find(one.Address) is { } neighbour) neighbours.Add(neighbour);
        }

        // With others only at a reset of all; alone only where there are none.
        if (others != (neighbours.Count > 0)) return false;
        foreach (AssignedPciDevice neighbour in neighbours)
        {
            neighbour.HostReset!.NeedsBusReset = false;
            neighbour.PrepareHostReset();
        }

        KernelResult result = host.HotReset([.. groups.Values]);
        if (result.IsError) device.Warn($"the bus of {device.Host} cannot be reset ({result})");
        foreach (AssignedPciDevice neighbour in neighbours) neighbour.FinishHostReset();
        return result.IsSuccess;
    }
}
