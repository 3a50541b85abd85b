// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary><c>struct iommu_vevent_tegra241_cmdqv</c>: One event of Tegra241 with command queues.</summary>
[CName("iommu_vevent_tegra241_cmdqv")]
[SinceLinux("6.17")]
[StructLayout(LayoutKind.Sequential)]
public struct IommuVeventTegra241Cmdqv
{
    /// <summary><c>lvcmdq_err_map</c>: Which queues had errors, little endian.</summary>
    public InlineArray2<ulong> LvcmdqErrMap;
}
