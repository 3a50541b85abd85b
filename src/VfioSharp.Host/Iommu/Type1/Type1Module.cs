// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Type1;

/// <summary>Module parameters of vfio_iommu_type1, which sysfs can change while the host runs.</summary>
internal sealed class Type1Parameters(uint dmaEntryLimit)
{
    private uint _dmaEntryLimit = dmaEntryLimit;

    /// <summary>dma_entry_limit: mappings per container, taken when a container gets its IOMMU.</summary>
    public uint DmaEntryLimit
    {
        get => Volatile.Read(ref _dmaEntryLimit);
        set => Volatile.Write(ref _dmaEntryLimit, value);
    }
}

/// <summary>The Type1 driver as registered (vfio_iommu_driver_ops_type1).</summary>
internal sealed class Type1Module(int pageSize, Type1Parameters parameters, Fidelity fidelity) : IIommuDriverModule
{
    /// <inheritdoc/>
    public string Name => "vfio-iommu-type1";

    /// <inheritdoc/>
    public KernelResult CheckExtension(ulong extension) => KernelResult.Ok(
        extension is VfioExtension.Type1 or VfioExtension.Type1V2 or VfioExtension.UnmapAll ? 1 : 0);

    /// <inheritdoc/>
    public KernelResult Open(ulong type, out IIommuDriver? driver)
    {
        // vfio_iommu_type1.c: vfio_iommu_type1_open: UNMAP_ALL passes CHECK_EXTENSION but is no type to open.
        driver = type switch
        {
            VfioExtension.Type1 => new Type1Driver(isV2: false, pageSize, parameters.DmaEntryLimit, fidelity),
            VfioExtension.Type1V2 => new Type1Driver(isV2: true, pageSize, parameters.DmaEntryLimit, fidelity),
            _ => null,
        };
        Errno errno = (fidelity & Fidelity.UnmapAllPassesForAType) != 0 ? Errno.EINVAL : Errno.ENODEV;
        return driver is null
            ? KernelResult.Fail(errno, $"SET_IOMMU({type}): type {type} is an extension of Type1, not an IOMMU type; 1 and 3 are")
            : KernelResult.Success;
    }
}
