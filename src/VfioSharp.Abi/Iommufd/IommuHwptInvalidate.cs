// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuHwptInvalidate.DataType"/>.</summary>
public static class IommuHwptInvalidateDataType
{
    /// <summary><c>IOMMU_HWPT_INVALIDATE_DATA_VTD_S1</c>: <see cref="IommuHwptVtdS1Invalidate"/>.</summary>
    [CName("IOMMU_HWPT_INVALIDATE_DATA_VTD_S1")]
    [SinceLinux("6.8")]
    public const uint VtdS1 = 0;

    /// <summary><c>IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3</c>: <see cref="IommuViommuArmSmmuv3Invalidate"/>.</summary>
    [CName("IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3")]
    [SinceLinux("6.13")]
    public const uint ViommuArmSmmuv3 = 1;
}

/// <summary><c>struct iommu_hwpt_invalidate</c>: Argument of HWPT_INVALIDATE.</summary>
[CName("iommu_hwpt_invalidate")]
[SinceLinux("6.8")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptInvalidate
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>hwpt_id</c>: The page table or virtual IOMMU.</summary>
    public uint HwptId;

    /// <summary><c>data_uptr</c>: Pointer to the invalidations.</summary>
    public ulong DataUptr;

    /// <summary><c>data_type</c>: One of <see cref="IommuHwptInvalidateDataType"/>.</summary>
    public uint DataType;

    /// <summary><c>entry_len</c>: Bytes of each.</summary>
    public uint EntryLen;

    /// <summary><c>entry_num</c>: Their number; replaced by those done.</summary>
    public uint EntryNum;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;
}
