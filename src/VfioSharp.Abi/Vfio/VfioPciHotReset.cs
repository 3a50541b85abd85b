// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_pci_hot_reset</c>: Argument of DEVICE_PCI_HOT_RESET; <see cref="Count"/> descriptors (32 bits each) of groups follow.</summary>
[CName("vfio_pci_hot_reset")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioPciHotReset
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: None defined: 0.</summary>
    public uint Flags;

    /// <summary><c>count</c>: Number of descriptors that follow.</summary>
    public uint Count;
}
