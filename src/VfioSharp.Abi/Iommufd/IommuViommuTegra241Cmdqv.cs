// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_viommu_tegra241_cmdqv</c>: Data of a virtual IOMMU of Tegra241.</summary>
[CName("iommu_viommu_tegra241_cmdqv")]
[SinceLinux("6.17")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuViommuTegra241Cmdqv
{
    /// <summary><c>out_vintf_mmap_offset</c>: Where on the descriptor its page can be mapped.</summary>
    public ulong OutVintfMmapOffset;

    /// <summary><c>out_vintf_mmap_length</c>: Bytes there.</summary>
    public ulong OutVintfMmapLength;
}
