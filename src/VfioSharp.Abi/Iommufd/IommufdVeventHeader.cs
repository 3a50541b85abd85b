// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Abi.Iommufd;

/// <summary>Bits of <see cref="IommufdVeventHeader.Flags"/>.</summary>
public static class IommuVeventqFlag
{
    /// <summary><c>IOMMU_VEVENTQ_FLAG_LOST_EVENTS</c>: events were lost.</summary>
    [CName("IOMMU_VEVENTQ_FLAG_LOST_EVENTS")]
    [SinceLinux("6.15")]
    public const uint LostEvents = 1u << 0;
}

/// <summary><c>struct iommufd_vevent_header</c>: Begins every event of a virtual event queue.</summary>
[CName("iommufd_vevent_header")]
[SinceLinux("6.15")]
[StructLayout(LayoutKind.Sequential)]
public struct IommufdVeventHeader
{
    /// <summary><c>flags</c>: Bits of <see cref="IommuVeventqFlag"/>.</summary>
    public uint Flags;

    /// <summary><c>sequence</c>: Number of the event.</summary>
    public uint Sequence;
}
