// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>DEVICE_GET_INFO, and the request that is only for devices opened by their own node.</summary>
internal static class DeviceInformation
{
    /// <summary>vfio_pci_ioctl_get_info. No capability is offered: a machine of this host completes no atomic operations.</summary>
    public static KernelResult Get(Caller caller, ulong argument, bool resetWorks)
    {
        const string call = "DEVICE_GET_INFO";
        const int smallest = 16;
        VfioDeviceInfo info = default;
        if (!UserMemory.TryRead(caller, argument, ref info, smallest)) return UserMemory.Fault(call, argument, smallest);
        if (info.Argsz < smallest) return UserMemory.ShortArgument(call, info.Argsz, smallest);
        int size = (int)Math.Min(info.Argsz, 24u);
        info.Flags = VfioDeviceFlags.Pci | (resetWorks ? VfioDeviceFlags.Reset : 0);
        info.NumRegions = VfioPciRegionIndex.Count;
        info.NumIrqs = VfioPciIrqIndex.Count;
        return UserMemory.TryWrite(caller, argument, in info, size) ? KernelResult.Success : UserMemory.Fault(call, argument, size);
    }

    /// <summary>DEVICE_BIND_IOMMUFD on a device that was opened through its group (vfio_df_ioctl_bind_iommufd).</summary>
    public static KernelResult RefuseBind(Caller caller, ulong argument, string name)
    {
        const string call = "DEVICE_BIND_IOMMUFD";
        uint size = 0;
        if (!UserMemory.TryRead(caller, argument, ref size)) return UserMemory.Fault(call, argument, 4);
        const int smallest = 16;
        return size < smallest
            ? UserMemory.ShortArgument(call, size, smallest)
            : KernelResult.Fail(Errno.EINVAL, $"{call}: {name} was opened through its group (argsz {size})");
    }
}
