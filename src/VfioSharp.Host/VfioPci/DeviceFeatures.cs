// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>DEVICE_FEATURE (vfio_main.c: vfio_ioctl_device_feature; vfio_pci_core.c: vfio_pci_core_ioctl_feature).</summary>
internal static class DeviceFeatures
{
    private const string Name = "DEVICE_FEATURE";
    private const int HeaderSize = 8;

    /// <summary>The call. A device without a token has no feature.</summary>
    public static KernelResult Call(Caller caller, ulong argument, VfToken? token, string device)
    {
        const uint known = VfioDeviceFeatureFlags.Mask | VfioDeviceFeatureFlags.Set | VfioDeviceFeatureFlags.Get | VfioDeviceFeatureFlags.Probe;
        const uint both = VfioDeviceFeatureFlags.Set | VfioDeviceFeatureFlags.Get;
        VfioDeviceFeature feature = default;
        if (!UserMemory.TryRead(caller, argument, ref feature, HeaderSize)) return UserMemory.Fault(Name, argument, HeaderSize);
        if (feature.Argsz < HeaderSize) return UserMemory.ShortArgument(Name, feature.Argsz, HeaderSize);
        uint flags = feature.Flags;
        if ((flags & ~known) != 0) return KernelResult.Fail(Errno.EINVAL, $"{Name}: unknown flags 0x{flags & ~known:x}");
        if ((flags & VfioDeviceFeatureFlags.Probe) == 0 && (flags & both) == both)
        {
            return KernelResult.Fail(Errno.EINVAL, $"{Name}: flags 0x{flags:x} ask for GET and SET at once");
        }

        uint id = flags & VfioDeviceFeatureFlags.Mask;
        if (id != VfioDeviceFeatureId.PciVfToken || token is null)
        {
            return KernelResult.Fail(Errno.ENOTTY, $"{Name}: {device} has no feature {id}");
        }

        return SetToken(caller, argument, flags, feature.Argsz - HeaderSize, token);
    }

    // vfio_pci_core_feature_token; the checks are vfio_check_feature's.
    private static KernelResult SetToken(Caller caller, ulong argument, uint flags, uint size, VfToken token)
    {
        const uint length = 16;
        if ((flags & VfioDeviceFeatureFlags.Get) != 0) return KernelResult.Fail(Errno.EINVAL, $"{Name}: the VF token can be set, not read (flags 0x{flags:x})");
        if ((flags & VfioDeviceFeatureFlags.Probe) != 0) return KernelResult.Success;
        if ((flags & VfioDeviceFeatureFlags.Set) == 0) return KernelResult.Fail(Errno.EINVAL, $"{Name}: flags 0x{flags:x} ask for neither GET, SET nor PROBE");
        if (size < length) return KernelResult.Fail(Errno.EINVAL, $"{Name}: {size} bytes of data are less than the {length} of a token");
        Guid value = default;
        if (!UserMemory.TryRead(caller, argument + HeaderSize, ref value)) return UserMemory.Fault(Name, argument + HeaderSize, (int)length);
        token.Set(value);
        return KernelResult.Success;
    }
}
