// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>The sPAPR TCE driver as registered (vfio_iommu_spapr_tce.c: tce_iommu_driver_ops).</summary>
internal sealed class SpaprTceModule(SpaprKernel kernel, Func<bool> isEehEnabled) : IIommuDriverModule
{
    /// <summary>
    /// Registers the driver for a machine. EOPNOTSUPP: the platform cannot read an entry of a table back, and the driver
    /// could not find the entries that it has to clear when a container goes.
    /// </summary>
    public static KernelResult TryRegister(PowerPlatform platform, Fidelity fidelity, out IIommuDriverModule? module)
    {
        module = null;
        if (!platform.Machine.Pseries.ReadsTcesBack)
        {
            return KernelResult.Fail(Errno.EOPNOTSUPP, $"the sPAPR TCE driver did not register: machine {platform.Name} cannot read an entry of a TCE table back, so what a program leaves mapped could not be cleared");
        }

        module = new SpaprTceModule(new SpaprKernel(platform.PageSize, platform.Machine.RamBytes, platform.Memory, platform.Trace, fidelity), () => platform.IsEehEnabled);
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public string Name => "iommu-vfio-powerpc";

    /// <inheritdoc/>
    public KernelResult CheckExtension(ulong extension) => KernelResult.Ok(extension switch
    {
        VfioExtension.SpaprTce or VfioExtension.SpaprTceV2 => 1,
        VfioExtension.Eeh => isEehEnabled() ? 1 : 0,
        _ => 0,
    });

    /// <inheritdoc/>
    public KernelResult Open(ulong type, out IIommuDriver? driver)
    {
        // tce_iommu_open: EEH passes CHECK_EXTENSION but is no type to open.
        driver = type is VfioExtension.SpaprTce or VfioExtension.SpaprTceV2
            ? new SpaprTceDriver(this, kernel, isV2: type == VfioExtension.SpaprTceV2)
            : null;
        return driver is null
            ? KernelResult.Fail(kernel.Copies(Fidelity.EehPassesForAType) ? Errno.EINVAL : Errno.ENODEV, $"SET_IOMMU({type}): type {type} is an extension of sPAPR TCE, not an IOMMU type; 2 and 7 are")
            : KernelResult.Success;
    }
}
