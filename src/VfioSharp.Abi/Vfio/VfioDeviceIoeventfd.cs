// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_ioeventfd</c>: Argument of DEVICE_IOEVENTFD.</summary>
[CName("vfio_device_ioeventfd")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceIoeventfd
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: One width bit of <see cref="VfioDeviceIoeventfdFlags"/>.</summary>
    public uint Flags;

    /// <summary><c>offset</c>: Where on the device's descriptor the value is written.</summary>
    public ulong Offset;

    /// <summary><c>data</c>: The value.</summary>
    public ulong Data;

    /// <summary><c>fd</c>: The eventfd; -1 takes the association away.</summary>
    public int Fd;

    /// <summary><c>reserved</c>: Padding, 0.</summary>
    [SinceLinux("6.6")]
    public uint Reserved;
}

/// <summary>Bits of <see cref="VfioDeviceIoeventfd.Flags"/>.</summary>
public static class VfioDeviceIoeventfdFlags
{
    /// <summary><c>VFIO_DEVICE_IOEVENTFD_8</c>: one byte is written.</summary>
    [CName("VFIO_DEVICE_IOEVENTFD_8")]
    public const uint Width8 = 1u << 0;

    /// <summary><c>VFIO_DEVICE_IOEVENTFD_16</c>: two bytes are written.</summary>
    [CName("VFIO_DEVICE_IOEVENTFD_16")]
    public const uint Width16 = 1u << 1;

    /// <summary><c>VFIO_DEVICE_IOEVENTFD_32</c>: four bytes are written.</summary>
    [CName("VFIO_DEVICE_IOEVENTFD_32")]
    public const uint Width32 = 1u << 2;

    /// <summary><c>VFIO_DEVICE_IOEVENTFD_64</c>: eight bytes are written.</summary>
    [CName("VFIO_DEVICE_IOEVENTFD_64")]
    public const uint Width64 = 1u << 3;

    /// <summary><c>VFIO_DEVICE_IOEVENTFD_SIZE_MASK</c>: all width bits.</summary>
    [CName("VFIO_DEVICE_IOEVENTFD_SIZE_MASK")]
    public const uint SizeMask = 0x0F;
}
