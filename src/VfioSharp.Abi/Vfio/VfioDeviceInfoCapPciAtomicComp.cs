// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_info_cap_pci_atomic_comp</c>: Capability that names the AtomicOp widths the root bus completes.</summary>
[CName("vfio_device_info_cap_pci_atomic_comp")]
[SinceLinux("6.5")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceInfoCapPciAtomicComp
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>flags</c>: Bits of <see cref="VfioPciAtomicComp"/>.</summary>
    public uint Flags;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    public uint Reserved;
}

/// <summary>Bits of <see cref="VfioDeviceInfoCapPciAtomicComp.Flags"/>.</summary>
public static class VfioPciAtomicComp
{
    /// <summary><c>VFIO_PCI_ATOMIC_COMP32</c>: 32-bit completion.</summary>
    [CName("VFIO_PCI_ATOMIC_COMP32")]
    [SinceLinux("6.5")]
    public const uint Comp32 = 1u << 0;

    /// <summary><c>VFIO_PCI_ATOMIC_COMP64</c>: 64-bit completion.</summary>
    [CName("VFIO_PCI_ATOMIC_COMP64")]
    [SinceLinux("6.5")]
    public const uint Comp64 = 1u << 1;

    /// <summary><c>VFIO_PCI_ATOMIC_COMP128</c>: 128-bit completion.</summary>
    [CName("VFIO_PCI_ATOMIC_COMP128")]
    [SinceLinux("6.5")]
    public const uint Comp128 = 1u << 2;
}
