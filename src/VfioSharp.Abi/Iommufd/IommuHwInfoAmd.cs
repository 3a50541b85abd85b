// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_hw_info_amd</c>: Description of AMD's IOMMU.</summary>
[CName("iommu_hw_info_amd")]
[SinceLinux("7.0")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwInfoAmd
{
    /// <summary><c>efr</c>: Extended feature register.</summary>
    public ulong Efr;

    /// <summary><c>efr2</c>: Second one.</summary>
    public ulong Efr2;
}
