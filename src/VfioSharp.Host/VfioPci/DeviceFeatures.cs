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

    /// <summary>The call. A device without a token is neither a physical nor a virtual function.</summary>
    public static KernelResult Call(Caller caller, ulong argument, VfToken? token, LowPower power, DmaBufs dmaBufs, string device)
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

        ulong data = argument + HeaderSize;
        uint size = feature.Argsz - HeaderSize;
        uint id = flags & VfioDeviceFeatureFlags.Mask;

        // vfio_ioctl_device_feature_migration_precopy_info_v2 asks the device's flags first, whatever is wanted.
        if (id == VfioDeviceFeatureId.MigPrecopyInfoV2) return KernelResult.Fail(Errno.EINVAL, $"{Name}: feature {id}: {device} cannot migrate, so it has no pre-copy state");
        uint? needed = id switch
        {
            VfioDeviceFeatureId.PciVfToken when token is not null => 16,
            VfioDeviceFeatureId.LowPowerEntry or VfioDeviceFeatureId.LowPowerExit => 0,
            VfioDeviceFeatureId.LowPowerEntryWithWakeup => 8,
            VfioDeviceFeatureId.DmaBuf => 16,
            _ => null,
        };
        if (needed is not { } length) return KernelResult.Fail(Errno.ENOTTY, $"{Name}: {device} has no feature {id}");
        uint supported = id == VfioDeviceFeatureId.DmaBuf ? VfioDeviceFeatureFlags.Get : VfioDeviceFeatureFlags.Set;
        KernelResult accepted = Accept(flags, supported, size, length, out bool perform);
        if (!perform) return accepted;
        switch (id)
        {
            case VfioDeviceFeatureId.PciVfToken:
                return SetToken(caller, data, token!);
            case VfioDeviceFeatureId.LowPowerEntry:
                return power.Enter();
            case VfioDeviceFeatureId.LowPowerEntryWithWakeup:
                return power.EnterWithWakeUp(caller, data);
            case VfioDeviceFeatureId.DmaBuf:
                return dmaBufs.Export(caller, data);
            default:
                power.Exit();
                return KernelResult.Success;
        }
    }

    // vfio_check_feature, for a feature that can be set or read. Says whether that is to be done now.
    private static KernelResult Accept(uint flags, uint supported, uint size, uint needed, out bool perform)
    {
        const uint both = VfioDeviceFeatureFlags.Set | VfioDeviceFeatureFlags.Get;
        perform = false;
        if ((flags & both & ~supported) != 0)
        {
            return KernelResult.Fail(Errno.EINVAL, $"{Name}: feature {flags & VfioDeviceFeatureFlags.Mask} can {(supported == VfioDeviceFeatureFlags.Set ? "be set, not read" : "be read, not set")}");
        }

        if ((flags & VfioDeviceFeatureFlags.Probe) != 0) return KernelResult.Success;
        if ((flags & both) == 0) return KernelResult.Fail(Errno.EINVAL, $"{Name}: flags 0x{flags:x} ask for neither GET, SET nor PROBE");
        if (size < needed) return KernelResult.Fail(Errno.EINVAL, $"{Name}: {size} bytes of data are less than the {needed} it needs");
        perform = true;
        return KernelResult.Success;
    }

    private static KernelResult SetToken(Caller caller, ulong address, VfToken token)
    {
        // uuid_t is in the order of its text.
        Span<byte> bytes = stackalloc byte[16];
        if (!caller.Memory.TryRead(address, bytes)) return UserMemory.Fault(Name, address, 16);
        token.Set(new Guid(bytes, bigEndian: true));
        return KernelResult.Success;
    }
}
