// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Vfio;

/// <summary>Constants of the VFIO interface as a whole.</summary>
public static class VfioApi
{
    /// <summary><c>VFIO_API_VERSION</c>: the only version of the interface, the answer of GET_API_VERSION.</summary>
    [CName("VFIO_API_VERSION")]
    public const uint ApiVersion = 0;

    /// <summary><c>VFIO_TYPE</c>: the type byte of every VFIO request number, a semicolon.</summary>
    [CName("VFIO_TYPE")]
    public const uint Type = 59;

    /// <summary><c>VFIO_BASE</c>: the number of the first VFIO request.</summary>
    [CName("VFIO_BASE")]
    public const uint Base = 100;
}
