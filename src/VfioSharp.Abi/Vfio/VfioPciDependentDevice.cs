// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_pci_dependent_device</c>: One device that a hot reset touches.</summary>
[CName("vfio_pci_dependent_device")]
[StructLayout(LayoutKind.Explicit)]
public struct VfioPciDependentDevice
{
    /// <summary><c>group_id</c>: Its IOMMU group, when the asking device came from a group.</summary>
    [FieldOffset(0)]
    public uint GroupId;

    /// <summary><c>devid</c>: Its iommufd number, or one of <see cref="VfioPciDevid"/>, when the asking device was opened by itself.</summary>
    [SinceLinux("6.6")]
    [FieldOffset(0)]
    public uint Devid;

    /// <summary><c>segment</c>: PCI domain.</summary>
    [FieldOffset(4)]
    public ushort Segment;

    /// <summary><c>bus</c>: Bus number.</summary>
    [FieldOffset(6)]
    public byte Bus;

    /// <summary><c>devfn</c>: Device number times 8, plus function number.</summary>
    [FieldOffset(7)]
    public byte Devfn;
}

/// <summary>Special values of <see cref="VfioPciDependentDevice.Devid"/>.</summary>
public static class VfioPciDevid
{
    /// <summary><c>VFIO_PCI_DEVID_OWNED</c>: owned through its group.</summary>
    [CName("VFIO_PCI_DEVID_OWNED")]
    [SinceLinux("6.6")]
    public const uint Owned = 0;

    /// <summary><c>VFIO_PCI_DEVID_NOT_OWNED</c>: not owned: the reset is refused.</summary>
    [CName("VFIO_PCI_DEVID_NOT_OWNED")]
    [SinceLinux("6.6")]
    public const uint NotOwned = 0xFFFFFFFF;
}
