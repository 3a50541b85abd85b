// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommuHwptAlloc.Flags"/>.</summary>
public static class IommufdHwptAllocFlags
{
    /// <summary><c>IOMMU_HWPT_ALLOC_NEST_PARENT</c>: a second stage for user page tables.</summary>
    [CName("IOMMU_HWPT_ALLOC_NEST_PARENT")]
    [SinceLinux("6.7")]
    public const uint NestParent = 1u << 0;

    /// <summary><c>IOMMU_HWPT_ALLOC_DIRTY_TRACKING</c>: with dirty tracking.</summary>
    [CName("IOMMU_HWPT_ALLOC_DIRTY_TRACKING")]
    [SinceLinux("6.7")]
    public const uint DirtyTracking = 1u << 1;

    /// <summary><c>IOMMU_HWPT_FAULT_ID_VALID</c>: a fault queue is given.</summary>
    [CName("IOMMU_HWPT_FAULT_ID_VALID")]
    [SinceLinux("6.11")]
    public const uint FaultIdValid = 1u << 2;

    /// <summary><c>IOMMU_HWPT_ALLOC_PASID</c>: usable for process address space numbers.</summary>
    [CName("IOMMU_HWPT_ALLOC_PASID")]
    [SinceLinux("6.15")]
    public const uint Pasid = 1u << 3;
}

/// <summary>Values of <see cref="IommuHwptAlloc.DataType"/>.</summary>
public static class IommuHwptDataType
{
    /// <summary><c>IOMMU_HWPT_DATA_NONE</c>: no data.</summary>
    [CName("IOMMU_HWPT_DATA_NONE")]
    [SinceLinux("6.7")]
    public const uint None = 0;

    /// <summary><c>IOMMU_HWPT_DATA_VTD_S1</c>: <see cref="IommuHwptVtdS1"/>.</summary>
    [CName("IOMMU_HWPT_DATA_VTD_S1")]
    [SinceLinux("6.7")]
    public const uint VtdS1 = 1;

    /// <summary><c>IOMMU_HWPT_DATA_ARM_SMMUV3</c>: <see cref="IommuHwptArmSmmuv3"/>.</summary>
    [CName("IOMMU_HWPT_DATA_ARM_SMMUV3")]
    [SinceLinux("6.13")]
    public const uint ArmSmmuv3 = 2;

    /// <summary><c>IOMMU_HWPT_DATA_AMD_GUEST</c>: <see cref="IommuHwptAmdGuest"/>.</summary>
    [CName("IOMMU_HWPT_DATA_AMD_GUEST")]
    [SinceLinux("7.0")]
    public const uint AmdGuest = 3;
}

/// <summary><c>struct iommu_hwpt_alloc</c>: Argument of HWPT_ALLOC.</summary>
[CName("iommu_hwpt_alloc")]
[SinceLinux("6.6")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptAlloc
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: Bits of <see cref="IommufdHwptAllocFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>dev_id</c>: The device.</summary>
    public uint DevId;

    /// <summary><c>pt_id</c>: Address space or page table below.</summary>
    public uint PtId;

    /// <summary><c>out_hwpt_id</c>: The new page table.</summary>
    public uint OutHwptId;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>data_type</c>: One of <see cref="IommuHwptDataType"/>.</summary>
    [SinceLinux("6.7")]
    public uint DataType;

    /// <summary><c>data_len</c>: Bytes of the data.</summary>
    [SinceLinux("6.7")]
    public uint DataLen;

    /// <summary><c>data_uptr</c>: Pointer to the data.</summary>
    [SinceLinux("6.7")]
    public ulong DataUptr;

    /// <summary><c>fault_id</c>: The fault queue.</summary>
    [SinceLinux("6.11")]
    public uint FaultId;

    /// <summary><c>__reserved2</c>: Padding, 0.</summary>
    [CName("__reserved2")]
    [SinceLinux("6.11")]
    public uint Reserved2;
}
