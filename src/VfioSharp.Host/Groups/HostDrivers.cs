// SPDX-License-Identifier: MIT
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Groups;

/// <summary>
/// Which driver each function is bound to, and how that changes (drivers/base/dd.c, drivers/pci/pci-driver.c).
/// vfio-pci registers devices with VFIO; drivers that do DMA for the kernel exclude a VFIO user of the group.
/// </summary>
internal sealed partial class HostDrivers
{
    private const string VfioPci = "vfio-pci";

    // pci_driver.driver_managed_dma: these leave the group's DMA to a VFIO user.
    private static readonly string[] s_leaveDma = [VfioPci, "pci-stub", "pcieport", "shpchp"];

    private readonly GroupRegistry _registry;
    private readonly Func<PciFunction, VfioDevice> _makeDevice;
    private readonly HostPlatform _platform;
    private readonly VfioPciParameters _vfioPci;
    private readonly HashSet<string> _known;

    public HostDrivers(HostPlatform platform, GroupRegistry registry, MachineFunctions functions, VfioPciParameters vfioPci, IEnumerable<string> knownDrivers, Func<PciFunction, VfioDevice> makeDevice)
    {
        _platform = platform;
        _registry = registry;
        _vfioPci = vfioPci;
        Functions = functions;
        _makeDevice = makeDevice;
        _known = [.. s_leaveDma, .. knownDrivers];
    }

    /// <summary>What there is to bind.</summary>
    public MachineFunctions Functions { get; }

    /// <summary>The drivers the kernel has.</summary>
    public IEnumerable<string> Names => _known;

    /// <summary>Whether the kernel has such a driver.</summary>
    public bool IsKnown(string driver) => _known.Contains(driver);

    /// <summary>
    /// Binds a driver that is not bound (driver_probe_device): 0, or why the probe failed. A bound function is left
    /// as it is.
    /// </summary>
    public KernelResult Bind(FunctionBinding binding, string driver)
    {
        using (binding.DeviceLock.EnterScope())
        using (_registry.Lock.EnterScope())
        {
            if (binding.IsGone) return KernelResult.Fail(Errno.ENODEV, $"{binding.Function.Address} is no longer in the machine");
            if (binding.Driver is not null) return KernelResult.Success;
            if (driver != VfioPci)
            {
                bool usesDma = !s_leaveDma.Contains(driver);
                if (usesDma && binding.Group is { } group)
                {
                    KernelResult used = group.UseDefaultDomain(binding, driver);
                    if (used.IsError) return used;
                }

                binding.UsesDefaultDomain = usesDma;
                binding.Driver = driver;
                return KernelResult.Success;
            }

            // vfio_pci.c: vfio_pci_probe
            if (DeviceQuirks.IsDenied(binding.Function.Identity.VendorId, binding.Function.Identity.DeviceId)) return KernelResult.Fail(Errno.EINVAL, $"vfio-pci does not take {binding.Function.Address}: its device id is in vfio-pci's denylist");

            // vfio_pci_core.c: vfio_pci_core_register_device takes endpoints only; vfio_main.c wants an IOMMU group.
            byte headerType = binding.Function.Identity.HeaderType;
            if (headerType != 0) return KernelResult.Fail(Errno.EINVAL, $"vfio-pci does not take {binding.Function.Address}: header type {headerType} is a bridge's");
            if (binding.Group is null) return KernelResult.Fail(Errno.EINVAL, $"vfio-pci does not take {binding.Function.Address}: it is in no IOMMU group");
            binding.Device = _makeDevice(binding.Function);
            binding.Driver = VfioPci;
            _registry.Register(binding.Group, binding.Device);
            return KernelResult.Success;
        }
    }

    /// <summary>Unbinds the driver; waits for the last user of a VFIO device.</summary>
    public KernelResult Unbind(FunctionBinding binding, string driver)
    {
        using (binding.DeviceLock.EnterScope())
        {
            VfioDevice? device;
            using (_registry.Lock.EnterScope())
            {
                if (binding.Driver != driver) return KernelResult.Fail(Errno.ENODEV, $"{binding.Function.Address} is not bound to {driver} but to {binding.Driver ?? "no driver"}");
                device = binding.Device;
            }

            // vfio_pci_core.c: vfio_pci_core_unregister_device, and the host's drivers alike: virtual functions go first.
            RemoveVirtualFunctions(binding);
            if (device is not null) _registry.Unregister(device);
            using (_registry.Lock.EnterScope()) Forget(binding);
            return KernelResult.Success;
        }
    }

    private static void Forget(FunctionBinding binding)
    {
        if (binding.UsesDefaultDomain) binding.Group?.UnuseDefaultDomain();
        binding.UsesDefaultDomain = false;
        binding.Device = null;
        binding.Driver = null;
    }
}
