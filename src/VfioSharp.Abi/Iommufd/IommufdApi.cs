// SPDX-License-Identifier: MIT
namespace VfioSharp.Abi.Iommufd;

/// <summary>Constants of the iommufd interface as a whole.</summary>
public static class IommufdApi
{
    /// <summary><c>IOMMUFD_TYPE</c>: the type byte of every iommufd request number, a semicolon.</summary>
    [CName("IOMMUFD_TYPE")]
    [SinceLinux("6.2")]
    public const uint Type = 59;

    /// <summary><c>IOMMUFD_CMD_BASE</c>: the number of the first iommufd request.</summary>
    [CName("IOMMUFD_CMD_BASE")]
    [SinceLinux("6.2")]
    public const uint CommandBase = 0x80;
}
