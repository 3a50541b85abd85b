// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iommu_spapr_register_memory</c>: Argument of IOMMU_SPAPR_REGISTER_MEMORY and IOMMU_SPAPR_UNREGISTER_MEMORY.</summary>
[CName("vfio_iommu_spapr_register_memory")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIommuSpaprRegisterMemory
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>vaddr</c>: Address in the caller's memory.</summary>
    public ulong Vaddr;

    /// <summary><c>size</c>: Bytes.</summary>
    public ulong Size;
}
