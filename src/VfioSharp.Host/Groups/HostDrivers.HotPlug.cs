// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host.Groups;

// Devices that come and go while the machine runs (drivers/pci/remove.c, drivers/pci/probe.c).
internal sealed partial class HostDrivers
{
    /// <summary>
    /// A device is drawn (pci_stop_and_remove_bus_device): its driver lets go first, which waits for a VFIO device's last
    /// user, asked by its REQ interrupt.
    /// </summary>
    public KernelResult Remove(FunctionBinding binding)
    {
        PciFunction function = binding.Function;
        if (function.PhysicalFunction is { } physical)
            return KernelResult.Fail(Errno.EINVAL, $"{function.Address} is a virtual function of {physical.Address}: it goes by sriov_numvfs");
        if ((function.ReadConfig(ConfigOffset.HeaderType, 1) & 0x7f) != 0)
            return KernelResult.Fail(Errno.EINVAL, $"{function.Address} is a bridge: take away the devices behind it instead");
        using (binding.DeviceLock.EnterScope())
        {
            if (binding.IsGone) return KernelResult.Fail(Errno.ENODEV, $"{function.Address} is no longer in the machine");
            string? driver;
            using (_registry.Lock.EnterScope()) driver = binding.Driver;
            if (driver is not null) Unbind(binding, driver);
            RemoveVirtualFunctions(binding);
            binding.IsGone = true;
            Functions.Remove(binding);
            return KernelResult.Success;
        }
    }

    /// <summary>A device is plugged in, and gets the driver that the machine starts it with.</summary>
    public KernelResult Add(PciFunction function)
    {
        KernelResult added = Functions.Add(function, out FunctionBinding? binding);
        if (added.IsError || _platform.InitialDriver(function) is not { } driver) return added;
        using (_registry.Lock.EnterScope()) binding!.DriverOverride = driver == VfioPci ? driver : null;
        return Bind(binding, driver);
    }
}
