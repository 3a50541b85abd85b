// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_info_cap_zpci_util</c>: s390 capability: utility string, whose bytes follow.</summary>
[CName("vfio_device_info_cap_zpci_util")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceInfoCapZpciUtil
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>size</c>: Bytes that follow.</summary>
    public uint Size;
}
