// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_device_info_cap_zpci_base</c>: s390 capability: base values of the function.</summary>
[CName("vfio_device_info_cap_zpci_base")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioDeviceInfoCapZpciBase
{
    /// <summary><c>header</c>: Begins the capability.</summary>
    public VfioInfoCapHeader Header;

    /// <summary><c>start_dma</c>: First DMA address.</summary>
    public ulong StartDma;

    /// <summary><c>end_dma</c>: Last DMA address.</summary>
    public ulong EndDma;

    /// <summary><c>pchid</c>: Physical channel.</summary>
    public ushort Pchid;

    /// <summary><c>vfn</c>: Virtual function number.</summary>
    public ushort Vfn;

    /// <summary><c>fmb_length</c>: Bytes of the measurement block.</summary>
    public ushort FmbLength;

    /// <summary><c>pft</c>: Kind of the physical function.</summary>
    public byte Pft;

    /// <summary><c>gid</c>: Group of the function.</summary>
    public byte Gid;

    /// <summary><c>fh</c>: Function handle.</summary>
    public uint Fh;
}
