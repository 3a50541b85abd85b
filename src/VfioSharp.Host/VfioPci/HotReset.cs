// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>Which devices a reset of the bus takes along (vfio_pci_core.c: vfio_pci_ioctl_get_pci_hot_reset_info).</summary>
internal static class HotReset
{
    private const int HeaderSize = 12;

    /// <summary>DEVICE_GET_PCI_HOT_RESET_INFO on a device that was opened through its group.</summary>
    public static KernelResult GetInfo(Caller caller, ulong argument, PciFunction function, HostPlatform platform)
    {
        const string call = "DEVICE_GET_PCI_HOT_RESET_INFO";
        VfioPciHotResetInfo header = default;
        if (!UserMemory.TryRead(caller, argument, ref header, HeaderSize)) return UserMemory.Fault(call, argument, HeaderSize);
        if (header.Argsz < HeaderSize) return UserMemory.ShortArgument(call, header.Argsz, HeaderSize);
        header.Flags = 0;
        if (platform.Topology.BridgeAbove(function) is null)
        {
            return KernelResult.Fail(Errno.ENODEV, $"{call}: {function.Address} is on a root bus, which cannot be reset");
        }

        List<PciFunction> affected = [];
        Collect(platform.Topology, platform.Topology.OnBusOf(function), affected);
        KernelResult result = KernelResult.Success;
        int room = (int)Math.Min((header.Argsz - HeaderSize) / 8, int.MaxValue);
        header.Count = (uint)affected.Count;
        if (affected.Count > room)
        {
            result = KernelResult.Fail(Errno.ENOSPC, $"{call}: {affected.Count} devices are affected, argsz {header.Argsz} has room for {room}");
        }
        else if (!Write(caller, argument + HeaderSize, affected, platform))
        {
            return UserMemory.Fault(call, argument + HeaderSize, 8 * affected.Count);
        }

        return UserMemory.TryWrite(caller, argument, in header, HeaderSize) ? result : UserMemory.Fault(call, argument, HeaderSize);
    }

    /// <summary>DEVICE_PCI_HOT_RESET: the checks of its argument.</summary>
    public static KernelResult Check(Caller caller, ulong argument, string name)
    {
        const string call = "DEVICE_PCI_HOT_RESET";
        VfioPciHotReset header = default;
        if (!UserMemory.TryRead(caller, argument, ref header, HeaderSize)) return UserMemory.Fault(call, argument, HeaderSize);
        if (header.Argsz < HeaderSize) return UserMemory.ShortArgument(call, header.Argsz, HeaderSize);
        if (header.Flags != 0) return KernelResult.Fail(Errno.EINVAL, $"{call}: flags 0x{header.Flags:x} must be 0");
        return header.Count == 0
            ? KernelResult.Fail(Errno.EINVAL, $"{call}: count 0 is for devices opened by their own node, {name} was opened through its group")
            : KernelResult.Fail(Errno.ENOTTY, $"{call}: {name} with {header.Count} groups: hot reset is not offered");
    }

    // pci_walk_bus: a bus, each bridge followed by what is behind it.
    private static void Collect(PciTopology topology, IReadOnlyList<PciFunction> bus, List<PciFunction> found)
    {
        foreach (PciFunction function in bus)
        {
            found.Add(function);
            Collect(topology, topology.Behind(function), found);
        }
    }

    private static bool Write(Caller caller, ulong address, List<PciFunction> affected, HostPlatform platform)
    {
        foreach (PciFunction function in affected)
        {
            PlatformGroup? group = platform.Groups.FirstOrDefault(group => group.Functions.Contains(function));
            var dependent = new VfioPciDependentDevice
            {
                GroupId = (uint)(group?.Id ?? 0),
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
