// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommuHwptVtdS1.Flags"/>.</summary>
public static class IommuHwptVtdS1Flags
{
    /// <summary><c>IOMMU_VTD_S1_SRE</c>: supervisor requests.</summary>
    [CName("IOMMU_VTD_S1_SRE")]
    [SinceLinux("6.7")]
    public const uint Sre = 1u << 0;

    /// <summary><c>IOMMU_VTD_S1_EAFE</c>: extended access flag.</summary>
    [CName("IOMMU_VTD_S1_EAFE")]
    [SinceLinux("6.7")]
    public const uint Eafe = 1u << 1;

    /// <summary><c>IOMMU_VTD_S1_WPE</c>: write protection.</summary>
    [CName("IOMMU_VTD_S1_WPE")]
    [SinceLinux("6.7")]
    public const uint Wpe = 1u << 2;
}

/// <summary><c>struct iommu_hwpt_vtd_s1</c>: Data of a first stage page table of Intel VT-d.</summary>
[CName("iommu_hwpt_vtd_s1")]
[SinceLinux("6.7")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptVtdS1
{
    /// <summary><c>flags</c>: Bits of <see cref="IommuHwptVtdS1Flags"/>.</summary>
    public ulong Flags;

    /// <summary><c>pgtbl_addr</c>: Address of the table.</summary>
    public ulong PgtblAddr;

    /// <summary><c>addr_width</c>: Address bits.</summary>
    public uint AddrWidth;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;
}
