// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>EEH_PE_OP.</summary>
internal sealed partial class SpaprTceDriver
{
    // tce_iommu_ioctl: each group in turn, until one does not answer 0.
    private KernelResult EehOperation(Caller caller, ulong argument) => _groups.Count == 0
        ? KernelResult.Success
        : KernelResult.Fail(Errno.ENODEV, $"EEH_PE_OP: endpoint {TableGroup(_groups[0]).Name} has no error handling");
}
