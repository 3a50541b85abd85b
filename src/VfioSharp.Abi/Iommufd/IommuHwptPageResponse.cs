// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuHwptPageResponse.Code"/>.</summary>
public static class IommufdPageResponseCode
{
    /// <summary><c>IOMMUFD_PAGE_RESP_SUCCESS</c>: the page is there, try again.</summary>
    [CName("IOMMUFD_PAGE_RESP_SUCCESS")]
    [SinceLinux("6.11")]
    public const uint Success = 0;

    /// <summary><c>IOMMUFD_PAGE_RESP_INVALID</c>: it is not.</summary>
    [CName("IOMMUFD_PAGE_RESP_INVALID")]
    [SinceLinux("6.11")]
    public const uint Invalid = 1;
}

/// <summary><c>struct iommu_hwpt_page_response</c>: Response to a group of page faults, as written to a fault queue.</summary>
[CName("iommu_hwpt_page_response")]
[SinceLinux("6.11")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwptPageResponse
{
    /// <summary><c>cookie</c>: From the fault.</summary>
    public uint Cookie;

    /// <summary><c>code</c>: One of <see cref="IommufdPageResponseCode"/>.</summary>
    public uint Code;
}
