// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Vfio;

/// <summary><c>struct vfio_group_status</c>: Answer of GROUP_GET_STATUS.</summary>
[CName("vfio_group_status")]
[StructLayout(LayoutKind.Sequential)]
public struct VfioGroupStatus
{
    /// <summary><c>argsz</c>: Bytes of the structure, said by the caller.</summary>
    public uint Argsz;

    /// <summary><c>flags</c>: Bits of <see cref="VfioGroupFlags"/>.</summary>
    public uint Flags;
}

/// <summary>Bits of <see cref="VfioGroupStatus.Flags"/>.</summary>
public static class VfioGroupFlags
{
    /// <summary><c>VFIO_GROUP_FLAGS_VIABLE</c>: every device of the group is bound to VFIO or harmless.</summary>
    [CName("VFIO_GROUP_FLAGS_VIABLE")]
    public const uint Viable = 1u << 0;

    /// <summary><c>VFIO_GROUP_FLAGS_CONTAINER_SET</c>: the group is in a container.</summary>
    [CName("VFIO_GROUP_FLAGS_CONTAINER_SET")]
    public const uint ContainerSet = 1u << 1;
}
