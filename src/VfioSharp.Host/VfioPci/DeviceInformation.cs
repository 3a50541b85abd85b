// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>DEVICE_GET_INFO, and the request that is only for devices opened by their own node.</summary>
internal static class DeviceInformation
{
    private const int InfoSize = 24;
    private const int CapabilitySize = 16;

    /// <summary>vfio_pci_ioctl_get_info. One capability there can be: the AtomicOps that the root completes.</summary>
    public static KernelResult Get(Caller caller, ulong argument, bool resetWorks, uint atomics)
    {
        const string call = "DEVICE_GET_INFO";
        const int smallest = 16;
        VfioDeviceInfo info = default;
        if (!UserMemory.TryRead(caller, argument, ref info, smallest)) return UserMemory.Fault(call, argument, smallest);
        if (info.Argsz < smallest) return UserMemory.ShortArgument(call, info.Argsz, smallest);
        int size = (int)Math.Min(info.Argsz, InfoSize);
        info.Flags = VfioDeviceFlags.Pci | (resetWorks ? VfioDeviceFlags.Reset : 0);
        info.NumRegions = VfioPciRegionIndex.Count;
        info.NumIrqs = VfioPciIrqIndex.Count;
        if (atomics != 0)
        {
            info.Flags |= VfioDeviceFlags.Caps;
            if (info.Argsz < InfoSize + CapabilitySize)
            {
                info.Argsz = InfoSize + CapabilitySize;
            }
            else
            {
                var capability = new VfioDeviceInfoCapPciAtomicComp
                {
                    Header = new VfioInfoCapHeader { Id = (ushort)VfioDeviceInfoCap.PciAtomicComp, Version = 1 },
                    Flags = atomics,
                };
                if (!UserMemory.TryWrite(caller, argument + InfoSize, in capability)) return UserMemory.Fault(call, argument + InfoSize, CapabilitySize);
                info.CapOffset = InfoSize;
            }
        }

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
