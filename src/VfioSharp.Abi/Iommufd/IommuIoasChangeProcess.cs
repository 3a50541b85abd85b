// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_change_process</c>: Argument of IOAS_CHANGE_PROCESS.</summary>
[CName("iommu_ioas_change_process")]
[SinceLinux("6.14")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasChangeProcess
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;
}
