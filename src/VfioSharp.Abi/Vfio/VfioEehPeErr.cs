// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_eeh_pe_err</c>: The error that INJECT_ERR injects.</summary>
[CName("vfio_eeh_pe_err")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioEehPeErr
{
    /// <summary><c>type</c>: Kind of error.</summary>
    public uint Type;

    /// <summary><c>func</c>: Function of the kind.</summary>
    public uint Func;

    /// <summary><c>addr</c>: Address it strikes.</summary>
    public ulong Addr;

    /// <summary><c>mask</c>: Mask of that address.</summary>
    public ulong Mask;
}
