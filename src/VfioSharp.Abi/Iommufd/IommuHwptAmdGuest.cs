// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_hwpt_amd_guest</c>: Data of a guest page table of AMD.</summary>
[CName("iommu_hwpt_amd_guest")]
[SinceLinux("7.0")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptAmdGuest
{
    /// <summary><c>dte</c>: The guest's device table entry.</summary>
    public InlineArray4<ulong> Dte;
}
