// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_destroy</c>: Argument of DESTROY.</summary>
[CName("iommu_destroy")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuDestroy
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>id</c>: The object.</summary>
    public uint Id;
}
