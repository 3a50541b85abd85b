// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_info_cap_zpci_pfip</c>: s390 capability: path of the physical function, whose bytes follow.</summary>
[CName("vfio_device_info_cap_zpci_pfip")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceInfoCapZpciPfip
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>size</c>: Bytes that follow.</summary>
    public uint Size;
}
