// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_vevent_arm_smmuv3</c>: One event of Arm SMMUv3.</summary>
[CName("iommu_vevent_arm_smmuv3")]
[SinceLinux("6.15")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuVeventArmSmmuv3
{
    /// <summary><c>evt</c>: The event record, little endian.</summary>
    public InlineArray4<ulong> Evt;
}
