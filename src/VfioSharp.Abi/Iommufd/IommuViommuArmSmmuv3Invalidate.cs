// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_viommu_arm_smmuv3_invalidate</c>: One invalidation of Arm SMMUv3.</summary>
[CName("iommu_viommu_arm_smmuv3_invalidate")]
[SinceLinux("6.13")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuViommuArmSmmuv3Invalidate
{
    /// <summary><c>cmd</c>: The command, little endian.</summary>
    public InlineArray2<ulong> Cmd;
}
