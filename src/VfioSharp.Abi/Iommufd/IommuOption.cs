// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Values of <see cref="IommuOption.OptionId"/>.</summary>
public static class IommufdOption
{
    /// <summary><c>IOMMU_OPTION_RLIMIT_MODE</c>: how pinned memory is accounted.</summary>
    [CName("IOMMU_OPTION_RLIMIT_MODE")]
    [SinceLinux("6.2")]
    public const uint RlimitMode = 0;

    /// <summary><c>IOMMU_OPTION_HUGE_PAGES</c>: whether contiguous pages are mapped as one.</summary>
    [CName("IOMMU_OPTION_HUGE_PAGES")]
    [SinceLinux("6.2")]
    public const uint HugePages = 1;
}

/// <summary>Values of <see cref="IommuOption.Op"/>.</summary>
public static class IommufdOptionOp
{
    /// <summary><c>IOMMU_OPTION_OP_SET</c>: write the option.</summary>
    [CName("IOMMU_OPTION_OP_SET")]
    [SinceLinux("6.2")]
    public const uint Set = 0;

    /// <summary><c>IOMMU_OPTION_OP_GET</c>: read it.</summary>
    [CName("IOMMU_OPTION_OP_GET")]
    [SinceLinux("6.2")]
    public const uint Get = 1;
}

/// <summary><c>struct iommu_option</c>: Argument of OPTION.</summary>
[CName("iommu_option")]
[SinceLinux("6.2")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuOption
{
    /// <summary><c>size</c>: Bytes of the structure, said by the caller.</summary>
    public uint Size;

    /// <summary><c>option_id</c>: One of <see cref="IommufdOption"/>.</summary>
    public uint OptionId;

    /// <summary><c>op</c>: One of <see cref="IommufdOptionOp"/>.</summary>
    public ushort Op;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public ushort Reserved;

    /// <summary><c>object_id</c>: The object; 0 when the option has none.</summary>
    public uint ObjectId;

    /// <summary><c>val64</c>: The value.</summary>
    public ulong Val64;
}
