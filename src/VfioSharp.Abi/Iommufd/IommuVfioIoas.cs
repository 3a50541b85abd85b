// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuVfioIoas.Op"/>.</summary>
public static class IommufdVfioIoasOp
{
    /// <summary><c>IOMMU_VFIO_IOAS_GET</c>: read the address space in use.</summary>
    [CName("IOMMU_VFIO_IOAS_GET")]
    [SinceLinux("6.2")]
    public const uint Get = 0;

    /// <summary><c>IOMMU_VFIO_IOAS_SET</c>: choose it.</summary>
    [CName("IOMMU_VFIO_IOAS_SET")]
    [SinceLinux("6.2")]
    public const uint Set = 1;

    /// <summary><c>IOMMU_VFIO_IOAS_CLEAR</c>: use none.</summary>
    [CName("IOMMU_VFIO_IOAS_CLEAR")]
    [SinceLinux("6.2")]
    public const uint Clear = 2;
}

/// <summary><c>struct iommu_vfio_ioas</c>: Argument of VFIO_IOAS.</summary>
[CName("iommu_vfio_ioas")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuVfioIoas
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>ioas_id</c>: The address space.</summary>
    public uint IoasId;

    /// <summary><c>op</c>: One of <see cref="IommufdVfioIoasOp"/>.</summary>
    public ushort Op;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public ushort Reserved;
}
