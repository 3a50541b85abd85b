// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;

namespace VfioSharp;

/// <summary>A capability in the answer of an information ioctl.</summary>
/// <param name="Id">What it is, by the ioctl's own numbering.</param>
/// <param name="Offset">Where its header starts in the answer.</param>
internal readonly record struct InfoCapability(uint Id, int Offset);

/// <summary>The chain of capabilities (<c>struct vfio_info_cap_header</c>) behind an information struct.</summary>
internal static class InfoCapabilities
{
    /// <summary>No kernel answers more; a length beyond it is not followed.</summary>
    internal const uint MaxAnswer = 1 << 20;

    /// <summary>
    /// The capabilities from <paramref name="first"/> on. Offsets outside the answer end the chain, and so does one
    /// that does not lead forward: a broken chain must not loop.
    /// </summary>
    internal static List<InfoCapability> Walk(ReadOnlySpan<byte> answer, uint first)
    {
        var found = new List<InfoCapability>();
        uint offset = first;
        int size = Unsafe.SizeOf<VfioInfoCapHeader>();
        while (offset != 0 && offset <= (uint)(answer.Length - size))
        {
            VfioInfoCapHeader header = MemoryMarshal.Read<VfioInfoCapHeader>(answer[(int)offset..]);
            found.Add(new InfoCapability(header.Id, (int)offset));
            if (header.Next <= offset) break;
            offset = header.Next;
        }

        return found;
    }
}
