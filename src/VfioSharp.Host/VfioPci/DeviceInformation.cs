// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>DEVICE_GET_INFO, and the requests that only check their argument on this device.</summary>
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

    /// <summary>DEVICE_IOEVENTFD: the checks of vfio_pci_ioctl_ioeventfd.</summary>
    public static KernelResult CheckIoEvent(Caller caller, ulong argument, string name)
    {
        const string call = "DEVICE_IOEVENTFD";
        const int smallest = 32;
        const uint widths = 0xf;
        VfioDeviceIoeventfd request = default;
        if (!UserMemory.TryRead(caller, argument, ref request, smallest)) return UserMemory.Fault(call, argument, smallest);
        if (request.Argsz < smallest) return UserMemory.ShortArgument(call, request.Argsz, smallest);
        if ((request.Flags & ~widths) != 0 || BitOperations.PopCount(request.Flags) != 1 || request.Fd < -1)
        {
            return KernelResult.Fail(Errno.EINVAL, $"{call}: flags 0x{request.Flags:x} must be one of 1, 2, 4, 8, descriptor {request.Fd} not below -1");
        }

        return KernelResult.Fail(Errno.ENOTTY, $"{call}: {name} has none (flags 0x{request.Flags:x}, descriptor {request.Fd})");
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
