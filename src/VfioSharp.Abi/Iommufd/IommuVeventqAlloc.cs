// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuVeventqAlloc.Type"/>.</summary>
public static class IommuVeventqType
{
    /// <summary><c>IOMMU_VEVENTQ_TYPE_DEFAULT</c>: none in particular.</summary>
    [CName("IOMMU_VEVENTQ_TYPE_DEFAULT")]
    [SinceLinux("6.15")]
    public const uint Default = 0;

    /// <summary><c>IOMMU_VEVENTQ_TYPE_ARM_SMMUV3</c>: Arm SMMUv3.</summary>
    [CName("IOMMU_VEVENTQ_TYPE_ARM_SMMUV3")]
    [SinceLinux("6.15")]
    public const uint ArmSmmuv3 = 1;

    /// <summary><c>IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV</c>: Tegra241 with command queues.</summary>
    [CName("IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV")]
    [SinceLinux("6.17")]
    public const uint Tegra241Cmdqv = 2;
}

/// <summary><c>struct iommu_veventq_alloc</c>: Argument of VEVENTQ_ALLOC.</summary>
[CName("iommu_veventq_alloc")]
[SinceLinux("6.15")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuVeventqAlloc
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>viommu_id</c>: The virtual IOMMU.</summary>
    public uint ViommuId;

    /// <summary><c>type</c>: One of <see cref="IommuVeventqType"/>.</summary>
    public uint Type;

    /// <summary><c>veventq_depth</c>: Most events in the queue.</summary>
    public uint VeventqDepth;

    /// <summary><c>out_veventq_id</c>: The new queue.</summary>
    public uint OutVeventqId;

    /// <summary><c>out_veventq_fd</c>: Its descriptor.</summary>
    public uint OutVeventqFd;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;
}
