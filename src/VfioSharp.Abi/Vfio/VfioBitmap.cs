// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_bitmap</c>: Where a dirty bitmap goes.</summary>
[CName("vfio_bitmap")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioBitmap
{
    /// <summary><c>pgsize</c>: Bytes that one bit stands for.</summary>
    public ulong Pgsize;

    /// <summary><c>size</c>: Bytes of the bitmap.</summary>
    public ulong Size;

    /// <summary><c>data</c>: Pointer to the bitmap.</summary>
    public ulong Data;
}
