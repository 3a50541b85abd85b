// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_bind_iommufd</c>: Argument of DEVICE_BIND_IOMMUFD.</summary>
[CName("vfio_device_bind_iommufd")]
[SinceLinux("6.6")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceBindIommufd
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioDeviceBindFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>iommufd</c>: Descriptor of the iommufd.</summary>
    public int Iommufd;

    /// <summary><c>out_devid</c>: The device's number there, filled by the kernel.</summary>
    public uint OutDevid;

    /// <summary><c>token_uuid_ptr</c>: Pointer to the 16 bytes of the token.</summary>
    [SinceLinux("6.17")]
    public ulong TokenUuidPtr;
}

/// <summary>Bits of <see cref="VfioDeviceBindIommufd.Flags"/>.</summary>
public static class VfioDeviceBindFlags
{
    /// <summary><c>VFIO_DEVICE_BIND_FLAG_TOKEN</c>: a token is given.</summary>
    [CName("VFIO_DEVICE_BIND_FLAG_TOKEN")]
    [SinceLinux("6.17")]
    public const uint Token = 1u << 0;
}
