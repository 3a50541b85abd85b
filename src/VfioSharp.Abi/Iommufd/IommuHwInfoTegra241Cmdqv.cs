// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_hw_info_tegra241_cmdqv</c>: Description of the command queues of Tegra241.</summary>
[CName("iommu_hw_info_tegra241_cmdqv")]
[SinceLinux("6.17")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuHwInfoTegra241Cmdqv
{
    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>version</c>: Version.</summary>
    public byte Version;

    /// <summary><c>log2vcmdqs</c>: Binary logarithm of the queues of an interface.</summary>
    public byte Log2vcmdqs;

    /// <summary><c>log2vsids</c>: Binary logarithm of its stream numbers.</summary>
    public byte Log2vsids;

    /// <summary><c>__reserved</c>: Padding, 0.</summary>
    [CName("__reserved")]
    public byte Reserved;
}
