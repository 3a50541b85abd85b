// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_hwpt_arm_smmuv3</c>: Data of a first stage of Arm SMMUv3.</summary>
[CName("iommu_hwpt_arm_smmuv3")]
[SinceLinux("6.13")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptArmSmmuv3
{
    /// <summary><c>ste</c>: First two words of the stream table entry, little endian.</summary>
    public InlineArray2<ulong> Ste;
}
