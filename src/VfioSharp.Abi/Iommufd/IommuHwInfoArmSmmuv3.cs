// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_hw_info_arm_smmuv3</c>: Description of Arm SMMUv3.</summary>
[CName("iommu_hw_info_arm_smmuv3")]
[SinceLinux("6.13")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwInfoArmSmmuv3
{
    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>idr</c>: Identification registers.</summary>
    public InlineArray6<uint> Idr;

    /// <summary><c>iidr</c>: Implementation register.</summary>
    public uint Iidr;

    /// <summary><c>aidr</c>: Architecture register.</summary>
    public uint Aidr;
}
