// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_iova_range</c>: Usable DMA addresses, both ends included.</summary>
[CName("vfio_iova_range")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioIovaRange
{
    /// <summary><c>start</c>: First address.</summary>
    public ulong Start;

    /// <summary><c>end</c>: Last address.</summary>
    public ulong End;
}
