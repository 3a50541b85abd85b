// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>The reset of a whole bus, and which devices it takes along (vfio_pci_core.c: vfio_pci_ioctl_get_pci_hot_reset_info).</summary>
internal static class HotReset
{
    private const int HeaderSize = 12;

    private const string ResetCall = "DEVICE_PCI_HOT_RESET";

    /// <summary>DEVICE_GET_PCI_HOT_RESET_INFO on a device that was opened through its group.</summary>
    public static KernelResult GetInfo(Caller caller, ulong argument, PciFunction function, HostPlatform platform)
    {
        const string call = "DEVICE_GET_PCI_HOT_RESET_INFO";
        VfioPciHotResetInfo header = default;
        if (!UserMemory.TryRead(caller, argument, ref header, HeaderSize)) return UserMemory.Fault(call, argument, HeaderSize);
        if (header.Argsz < HeaderSize) return UserMemory.ShortArgument(call, header.Argsz, HeaderSize);
        header.Flags = 0;
        if (!HasBusReset(platform.Topology, function)) return NoBusReset(call, function);
        List<PciFunction> affected = Affected(platform.Topology, function);
        KernelResult result = KernelResult.Success;
        int room = (int)Math.Min((header.Argsz - HeaderSize) / 8, int.MaxValue);
        header.Count = (uint)affected.Count;
        if (affected.Count > room)
        {
            result = KernelResult.Fail(Errno.ENOSPC, $"{call}: {affected.Count} devices are affected, argsz {header.Argsz} has room for {room}");
        }
        else if (affected.Find(member => GroupOf(platform, member) is null) is { } outsider)
        {
            // vfio_pci_fill_devs
            return KernelResult.Fail(Errno.EPERM, $"{call}: {outsider.Address}, which the reset takes along, is in no IOMMU group");
        }
        else if (!Write(caller, argument + HeaderSize, affected, platform))
        {
            return UserMemory.Fault(call, argument + HeaderSize, 8 * affected.Count);
        }

        return UserMemory.TryWrite(caller, argument, in header, HeaderSize) ? result : UserMemory.Fault(call, argument, HeaderSize);
    }

    /// <summary>DEVICE_PCI_HOT_RESET on a device that was opened through its group (vfio_pci_ioctl_pci_hot_reset).</summary>
    public static KernelResult Reset(Caller caller, ulong argument, PciFunction function, HostPlatform platform)
    {
        VfioPciHotReset header = default;
        if (!UserMemory.TryRead(caller, argument, ref header, HeaderSize)) return UserMemory.Fault(ResetCall, argument, HeaderSize);
        if (header.Argsz < HeaderSize) return UserMemory.ShortArgument(ResetCall, header.Argsz, HeaderSize);
        if (header.Flags != 0) return Refuse($"flags 0x{header.Flags:x} must be 0");
        if (header.Count == 0) return Refuse($"count 0 is for devices opened by their own node, {function.Address} was opened through its group");
        if (!HasBusReset(platform.Topology, function)) return NoBusReset(ResetCall, function);
        List<PciFunction> affected = Affected(platform.Topology, function);
        if (header.Count > affected.Count) return Refuse($"count {header.Count}: no more groups than the {affected.Count} affected devices can be named");
        KernelResult found = FindGroups(caller, argument + HeaderSize, (int)header.Count, out List<GroupFile> groups);
        if (found.IsError) return found;

        // vfio_pci_core_register_device: virtual functions are device sets of their own, so a reset that takes more along is nobody's.
        PciFunction? stranger = affected.Find(other => other != function && (other.PhysicalFunction ?? function.PhysicalFunction) is not null);
        return stranger is null
            ? Reset(affected, groups)
            : Refuse($"{stranger.Address} is on the bus of {function.Address}, and is reset together with no virtual function");
    }

    /// <summary>What the reset of a function's bus takes along, itself too (pci_walk_bus).</summary>
    public static List<PciFunction> Affected(PciTopology topology, PciFunction function)
    {
        List<PciFunction> affected = [];
        Collect(topology, topology.OnBusOf(function), affected);
        return affected;
    }

    /// <summary>Resets a bus; the state of all functions is kept over it (pci_reset_bus).</summary>
    public static void ResetBus(List<PciFunction> affected)
    {
        List<SavedConfig> saved = affected.ConvertAll(function => new SavedConfig(function));
        foreach (PciFunction function in affected) function.WriteConfig(PciHeader.Command, 2, (uint)VfioSharp.Pci.PciCommand.IntxDisable);
        // What firmware leaves undone counts as done: nobody is told (powernv: pnv_pci_reset_secondary_bus).
        if (affected[0].Isolation is null || affected[0].Isolation!.AdmitsBusReset())
        {
            foreach (PciFunction function in affected) function.Reset(PciResetMethod.Bus);
        }

        foreach (SavedConfig state in saved) state.Restore();
    }

    // pci_probe_reset_bus: a root bus has no bridge to reset it, nor has a bus that SR-IOV added for virtual functions.
    private static bool HasBusReset(PciTopology topology, PciFunction function) =>
        topology.BridgeAbove(function) is not null && (function.PhysicalFunction ?? function).Address.Bus == function.Address.Bus;

    private static KernelResult NoBusReset(string call, PciFunction function) =>
        KernelResult.Fail(Errno.ENODEV, $"{call}: {function.Address} is on a bus without a bridge above, which cannot be reset");

    private static KernelResult FindGroups(Caller caller, ulong address, int count, out List<GroupFile> groups)
    {
        groups = [];
        var descriptors = new int[count];
        if (!caller.Memory.TryRead(address, MemoryMarshal.AsBytes(descriptors.AsSpan()))) return UserMemory.Fault(ResetCall, address, 4 * count);
        foreach (int descriptor in descriptors)
        {
            if (caller.Files.Find(descriptor, out HostFile? file) == DescriptorKind.Closed)
            {
                return KernelResult.Fail(Errno.EBADF, $"{ResetCall}: descriptor {descriptor} is not open");
            }

            if (file is not GroupFile group) return Refuse($"descriptor {descriptor} is not a group");
            groups.Add(group);
        }

        return KernelResult.Success;
    }

    // vfio_pci_dev_set_hot_reset: every affected device must be VFIO's, in one of the groups that the caller proved to own.
    private static KernelResult Reset(List<PciFunction> affected, List<GroupFile> groups)
    {
        using (groups[0].RegistryLock.EnterScope())
        {
            var devices = new List<VfioPciDevice>();
            foreach (PciFunction function in affected)
            {
                string name = function.Address.ToString();
                VfioDevice? device = groups.Select(file => file.Group.Devices.Find(device => device.Name == name)).FirstOrDefault(device => device is not null);
                if (device is not VfioPciDevice vfioPci) return Refuse($"affected device {name} is not bound to vfio-pci in one of the {groups.Count} groups given");
                devices.Add(vfioPci);
            }

            // Several gates are closed at once under the registry's lock only.
            MemoryGate[] gates = [.. devices.Select(device => device.Gate).OfType<MemoryGate>()];
            RankedLock[] commands = [.. devices.Select(device => device.CommandLock).OfType<RankedLock>()];
            foreach (MemoryGate gate in gates) gate.Close();
            try
            {
                foreach (VfioPciDevice device in devices) device.PowerUp();
                foreach (RankedLock command in commands) command.Enter();
                ResetBus(affected);
            }
            finally
            {
                foreach (RankedLock command in commands) if (command.IsHeldByCurrentThread) command.Exit();
                foreach (MemoryGate gate in gates) gate.Reopen();
            }

            foreach (VfioPciDevice device in devices) device.RestoreAfterBusReset();
            return KernelResult.Success;
        }
    }

    private static KernelResult Refuse(string why) => KernelResult.Fail(Errno.EINVAL, $"DEVICE_PCI_HOT_RESET: {why}");

    // pci_walk_bus: a bus, each bridge followed by what is behind it.
    private static void Collect(PciTopology topology, IReadOnlyList<PciFunction> bus, List<PciFunction> found)
    {
        foreach (PciFunction function in bus)
        {
            found.Add(function);
            Collect(topology, topology.Behind(function), found);
        }
    }

    private static PlatformGroup? GroupOf(HostPlatform platform, PciFunction function) =>
        platform.Groups.FirstOrDefault(group => group.Functions.Contains(function));

    private static bool Write(Caller caller, ulong address, List<PciFunction> affected, HostPlatform platform)
    {
        foreach (PciFunction function in affected)
        {
            var dependent = new VfioPciDependentDevice
            {
                GroupId = (uint)GroupOf(platform, function)!.Id,
                Segment = function.Address.Segment,
                Bus = function.Address.Bus,
                Devfn = function.Address.DeviceFunction,
            };
            if (!UserMemory.TryWrite(caller, address, in dependent)) return false;
            address += 8;
        }

        return true;
    }
}
