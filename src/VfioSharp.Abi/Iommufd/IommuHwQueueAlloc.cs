// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuHwQueueAlloc.Type"/>.</summary>
public static class IommuHwQueueType
{
    /// <summary><c>IOMMU_HW_QUEUE_TYPE_DEFAULT</c>: none in particular.</summary>
    [CName("IOMMU_HW_QUEUE_TYPE_DEFAULT")]
    [SinceLinux("6.17")]
    public const uint Default = 0;

    /// <summary><c>IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV</c>: Tegra241 with command queues.</summary>
    [CName("IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV")]
    [SinceLinux("6.17")]
    public const uint Tegra241Cmdqv = 1;
}

/// <summary><c>struct iommu_hw_queue_alloc</c>: Argument of HW_QUEUE_ALLOC.</summary>
[CName("iommu_hw_queue_alloc")]
[SinceLinux("6.17")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwQueueAlloc
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>viommu_id</c>: The virtual IOMMU.</summary>
    public uint ViommuId;

    /// <summary><c>type</c>: One of <see cref="IommuHwQueueType"/>.</summary>
    public uint Type;

    /// <summary><c>index</c>: Number of the queue.</summary>
    public uint Index;

    /// <summary><c>out_hw_queue_id</c>: The new queue.</summary>
    public uint OutHwQueueId;

    /// <summary><c>nesting_parent_iova</c>: Where the queue lies in the second stage.</summary>
    public ulong NestingParentIova;

    /// <summary><c>length</c>: Bytes of the queue.</summary>
    public ulong Length;
}
