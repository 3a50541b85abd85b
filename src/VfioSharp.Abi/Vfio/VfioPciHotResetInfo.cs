// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_pci_hot_reset_info</c>: Answer of DEVICE_GET_PCI_HOT_RESET_INFO; <see cref="Count"/> of <see cref="VfioPciDependentDevice"/> follow.</summary>
[CName("vfio_pci_hot_reset_info")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioPciHotResetInfo
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioPciHotResetFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>count</c>: Number of devices that the reset touches.</summary>
    public uint Count;
}

/// <summary>Bits of <see cref="VfioPciHotResetInfo.Flags"/>.</summary>
public static class VfioPciHotResetFlags
{
    /// <summary><c>VFIO_PCI_HOT_RESET_FLAG_DEV_ID</c>: the list has iommufd numbers, not groups.</summary>
    [CName("VFIO_PCI_HOT_RESET_FLAG_DEV_ID")]
    [SinceLinux("6.6")]
    public const uint DevId = 1u << 0;

    /// <summary><c>VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED</c>: every device of the list is owned.</summary>
    [CName("VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED")]
    [SinceLinux("6.6")]
    public const uint DevIdOwned = 1u << 1;
}
