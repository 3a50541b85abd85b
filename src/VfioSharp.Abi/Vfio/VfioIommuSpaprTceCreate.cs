// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_spapr_tce_create</c>: Argument and answer of IOMMU_SPAPR_TCE_CREATE.</summary>
[CName("vfio_iommu_spapr_tce_create")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuSpaprTceCreate
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>page_shift</c>: Binary logarithm of the page size.</summary>
    public uint PageShift;

    /// <summary><c>__resv1</c>: Padding, 0.</summary>
    [CName("__resv1")]
    public uint Resv1;

    /// <summary><c>window_size</c>: Bytes of the window.</summary>
    public ulong WindowSize;

    /// <summary><c>levels</c>: Levels of the table.</summary>
    public uint Levels;

    /// <summary><c>__resv2</c>: Padding, 0.</summary>
    [CName("__resv2")]
    public uint Resv2;

    /// <summary><c>start_addr</c>: DMA address where the window begins, filled by the kernel.</summary>
    public ulong StartAddr;
}
