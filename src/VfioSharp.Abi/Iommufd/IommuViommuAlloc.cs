// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuViommuAlloc.Type"/>.</summary>
public static class IommuViommuType
{
    /// <summary><c>IOMMU_VIOMMU_TYPE_DEFAULT</c>: none in particular.</summary>
    [CName("IOMMU_VIOMMU_TYPE_DEFAULT")]
    [SinceLinux("6.13")]
    public const uint Default = 0;

    /// <summary><c>IOMMU_VIOMMU_TYPE_ARM_SMMUV3</c>: Arm SMMUv3.</summary>
    [CName("IOMMU_VIOMMU_TYPE_ARM_SMMUV3")]
    [SinceLinux("6.13")]
    public const uint ArmSmmuv3 = 1;

    /// <summary><c>IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV</c>: Tegra241 with command queues.</summary>
    [CName("IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV")]
    [SinceLinux("6.17")]
    public const uint Tegra241Cmdqv = 2;
}

/// <summary><c>struct iommu_viommu_alloc</c>: Argument of VIOMMU_ALLOC.</summary>
[CName("iommu_viommu_alloc")]
[SinceLinux("6.13")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuViommuAlloc
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>type</c>: One of <see cref="IommuViommuType"/>.</summary>
    public uint Type;

    /// <summary><c>dev_id</c>: A device behind the physical IOMMU.</summary>
    public uint DevId;

    /// <summary><c>hwpt_id</c>: The second stage page table.</summary>
    public uint HwptId;

    /// <summary><c>out_viommu_id</c>: The new virtual IOMMU.</summary>
    public uint OutViommuId;

    /// <summary><c>data_len</c>: Bytes of the data.</summary>
    [SinceLinux("6.17")]
    public uint DataLen;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    [SinceLinux("6.17")]
    public uint Reserved;

    /// <summary><c>data_uptr</c>: Pointer to the data.</summary>
    [SinceLinux("6.17")]
    public ulong DataUptr;
}
