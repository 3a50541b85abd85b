// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_iova_range</c>: Addresses, both ends included.</summary>
[CName("iommu_iova_range")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIovaRange
{
    /// <summary><c>start</c>: First address.</summary>
    public ulong Start;

    /// <summary><c>last</c>: Last address.</summary>
    public ulong Last;
}
