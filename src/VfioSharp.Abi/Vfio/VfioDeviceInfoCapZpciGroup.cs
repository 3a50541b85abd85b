// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_info_cap_zpci_group</c>: s390 capability: values of the function's group.</summary>
[CName("vfio_device_info_cap_zpci_group")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceInfoCapZpciGroup
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>dasm</c>: Mask of DMA address spaces.</summary>
    public ulong Dasm;

    /// <summary><c>msi_addr</c>: Where MSI messages go.</summary>
    public ulong MsiAddr;

    /// <summary><c>flags</c>: Bits of <see cref="VfioDeviceInfoZpciFlags"/>.</summary>
    public ulong Flags;

    /// <summary><c>mui</c>: Interval of measurement updates.</summary>
    public ushort Mui;

    /// <summary><c>noi</c>: Interrupts there can be.</summary>
    public ushort Noi;

    /// <summary><c>maxstbl</c>: Longest block store.</summary>
    public ushort Maxstbl;

    /// <summary><c>version</c>: Supported PCI version.</summary>
    public byte Version;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    public byte Reserved;

    /// <summary><c>imaxstbl</c>: Longest block store that is interpreted.</summary>
    public ushort Imaxstbl;
}

/// <summary>Bits of <see cref="VfioDeviceInfoCapZpciGroup.Flags"/>.</summary>
public static class VfioDeviceInfoZpciFlags
{
    /// <summary><c>VFIO_DEVICE_INFO_ZPCI_FLAG_REFRESH</c>: the guest must refresh its translations.</summary>
    [CName("VFIO_DEVICE_INFO_ZPCI_FLAG_REFRESH")]
    public const uint Refresh = 1;
}
