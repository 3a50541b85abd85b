// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_info_cap_header</c>: Begins every capability in the chain behind an info structure.</summary>
[CName("vfio_info_cap_header")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioInfoCapHeader
{
    /// <summary><c>id</c>: Which capability this is; each info request has numbers of its own.</summary>
    public ushort Id;

    /// <summary><c>version</c>: Version of the capability's contents.</summary>
    public ushort Version;

    /// <summary><c>next</c>: Offset of the next capability from the start of the info buffer; 0 ends the chain.</summary>
    public uint Next;
}
