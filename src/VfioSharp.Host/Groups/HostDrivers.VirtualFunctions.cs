// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Pci;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host.Groups;

// SR-IOV: virtual functions appear and go at the word of the physical function's driver (drivers/pci/iov.c).
internal sealed partial class HostDrivers
{
    // Drivers with pci_driver.sriov_configure.
    private static readonly string[] s_configureSriov = [VfioPci, "igb", "nvme", "virtio-pci"];

    /// <summary>
    /// Sets how many virtual functions a physical one has (iov.c: sriov_numvfs_store, sriov_enable): all at once, or
    /// none. Taking them away waits for their users.
    /// </summary>
    public KernelResult SetVirtualFunctions(FunctionBinding physical, in SriovCapability sriov, int count)
    {
        string name = $"sriov_numvfs of {physical.Function.Address}";
        if (count > sriov.TotalVfs) return KernelResult.Fail(Errno.ERANGE, $"{name}: {count} virtual functions are more than its {sriov.TotalVfs}");
        using (physical.DeviceLock.EnterScope())
        {
            int present = physical.VirtualFunctions.Count;
            if (count == present) return KernelResult.Success;
            if (physical.Driver is not { } driver) return KernelResult.Fail(Errno.ENOENT, $"{name}: no driver is bound");
            if (!s_configureSriov.Contains(driver)) return KernelResult.Fail(Errno.ENOENT, $"{name}: driver {driver} does not configure SR-IOV");
            if (count != 0 && present != 0) return KernelResult.Fail(Errno.EBUSY, $"{name}: {present} virtual functions are there already; write 0 before {count}");

            // vfio_pci.c: vfio_pci_sriov_configure
            if (driver == VfioPci && !_vfioPci.EnableSriov) return KernelResult.Fail(Errno.ENOENT, $"{name}: vfio-pci was told not to, by its parameter enable_sriov");
            if (count != 0) return AddVirtualFunctions(physical, sriov, count, name);
            RemoveVirtualFunctions(physical);
            return KernelResult.Success;
        }
    }

    private KernelResult AddVirtualFunctions(FunctionBinding physical, in SriovCapability sriov, int count, string name)
    {
        PciFunction function = physical.Function;
        bool canMigrate = (function.ReadConfig(sriov.Position + PciSriov.Capabilities, 4) & PciSriov.CapVfm) != 0;
        if (sriov.InitialVfs > sriov.TotalVfs || (!canMigrate && sriov.InitialVfs != sriov.TotalVfs))
        {
            return KernelResult.Fail(Errno.EIO, $"{name}: its capability has {sriov.InitialVfs} virtual functions at first, of {sriov.TotalVfs}");
        }

        uint lastBus = _platform.Topology.BridgeAbove(function)?.ReadConfig(PciBridge.SubordinateBus, 1) ?? byte.MaxValue;
        if (!sriov.TryAddress(function.Address, count - 1, out PciAddress last) || last.Bus > lastBus)
        {
            return KernelResult.Fail(Errno.ENOMEM, $"{name}: {count} virtual functions reach past bus 0x{lastBus:x2}, the last one behind the bridge");
        }

        var made = new List<PciFunction>();
        for (int i = 0; i < count; i++)
        {
            PciFunction? virtualFunction = _platform.MakeVirtualFunction(function, i);
            if (virtualFunction is null) return KernelResult.Fail(Errno.ENODEV, $"{name}: machine {_platform.Name} does not say what its virtual functions are");
            if (Functions.Find(virtualFunction.Address) is not null) return KernelResult.Fail(Errno.EEXIST, $"{name}: {virtualFunction.Address} is taken");
            made.Add(virtualFunction);
        }

        using (_registry.Lock.EnterScope()) (physical.Device as VfioPciDevice)?.SetVirtualFunctions(present: true);
        SetSriov(function, sriov.Position, count);
        var added = new List<FunctionBinding>();
        foreach (PciFunction virtualFunction in made)
        {
            // Its address was free just now; one that came meanwhile stays.
            if (Functions.Add(virtualFunction, out FunctionBinding? binding).IsError) continue;
            added.Add(binding!);

            // vfio_pci_core.c: vfio_pci_bus_notifier: a user's physical function could do as it likes with them, so the host's drivers are kept off.
            if (physical.Driver == VfioPci)
            {
                using (_registry.Lock.EnterScope()) binding!.DriverOverride = VfioPci;
            }

            // device_attach: what matches is bound; a probe that fails leaves the function without a driver.
            if (physical.ProbesVirtualFunctions && physical.Driver == VfioPci) Bind(binding!, VfioPci);
        }

        using (_registry.Lock.EnterScope()) physical.VirtualFunctions = added;
        return KernelResult.Success;
    }

    // sriov_disable. The physical function's DeviceLock is held.
    private void RemoveVirtualFunctions(FunctionBinding physical)
    {
        if (physical.VirtualFunctions.Count == 0) return;
        foreach (FunctionBinding binding in physical.VirtualFunctions)
        {
            using (binding.DeviceLock.EnterScope())
            {
                string? driver;
                using (_registry.Lock.EnterScope()) driver = binding.Driver;
                if (driver is not null) Unbind(binding, driver);
                binding.IsGone = true;
                Functions.Remove(binding);
            }
        }

        using (_registry.Lock.EnterScope())
        {
            physical.VirtualFunctions = [];
            (physical.Device as VfioPciDevice)?.SetVirtualFunctions(present: false);
        }

        SetSriov(physical.Function, SriovCapability.Find(physical.Function)!.Value.Position, 0);
    }

    private static void SetSriov(PciFunction function, int position, int count)
    {
        const uint enable = PciSriov.ControlVfEnable | PciSriov.ControlMemory;
        uint control = function.ReadConfig(position + PciSriov.Control, 2) & ~enable;
        function.WriteConfig(position + PciSriov.NumVf, 2, (uint)count);
        function.WriteConfig(position + PciSriov.Control, 2, count == 0 ? control : control | enable);
    }
}
