// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommuHwInfoVtd.Flags"/>.</summary>
public static class IommuHwInfoVtdFlags
{
    /// <summary><c>IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17</c>: nested read-only mappings must not be made.</summary>
    [CName("IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17")]
    [SinceLinux("6.7")]
    public const uint Errata772415 = 1u << 0;
}

/// <summary><c>struct iommu_hw_info_vtd</c>: Description of Intel VT-d.</summary>
[CName("iommu_hw_info_vtd")]
[SinceLinux("6.6")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwInfoVtd
{
    /// <summary><c>flags</c>: Bits of <see cref="IommuHwInfoVtdFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public uint Reserved;

    /// <summary><c>cap_reg</c>: Capability register.</summary>
    public ulong CapReg;

    /// <summary><c>ecap_reg</c>: Extended capability register.</summary>
    public ulong EcapReg;
}
