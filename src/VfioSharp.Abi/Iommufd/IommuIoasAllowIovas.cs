// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_ioas_allow_iovas</c>: Argument of IOAS_ALLOW_IOVAS.</summary>
[CName("iommu_ioas_allow_iovas")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuIoasAllowIovas
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>ioas_id</c>: The address space.</summary>
    public uint IoasId;

    /// <summary><c>num_iovas</c>: Number of ranges.</summary>
    public uint NumIovas;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>allowed_iovas</c>: Pointer to an array of <see cref="IommuIovaRange"/>.</summary>
    public ulong AllowedIovas;
}
