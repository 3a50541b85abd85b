// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_spapr_tce_ddw_info</c>: What dynamic DMA windows can be.</summary>
[CName("vfio_iommu_spapr_tce_ddw_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuSpaprTceDdwInfo
{
    /// <summary><c>pgsizes</c>: One bit for each page size.</summary>
    public ulong Pgsizes;

    /// <summary><c>max_dynamic_windows_supported</c>: Windows there can be, the default one included.</summary>
    public uint MaxDynamicWindowsSupported;

    /// <summary><c>levels</c>: Levels that a table can have.</summary>
    public uint Levels;
}
