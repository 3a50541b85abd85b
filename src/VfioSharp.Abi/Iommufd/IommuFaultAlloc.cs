// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_fault_alloc</c>: Argument of FAULT_QUEUE_ALLOC.</summary>
[CName("iommu_fault_alloc")]
[SinceLinux("6.11")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuFaultAlloc
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>out_fault_id</c>: The new fault queue.</summary>
    public uint OutFaultId;

    /// <summary><c>out_fault_fd</c>: Its descriptor.</summary>
    public uint OutFaultFd;
}
