// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Pci;

/// <summary>What a base address register decodes.</summary>
[Flags]
public enum BarKind
{
    /// <summary>Memory, with 32 bits of address.</summary>
    Memory = 0,

    /// <summary>I/O ports.</summary>
    Ports = 1,

    /// <summary>Memory, with 64 bits of address: the next register holds the upper half.</summary>
    Memory64 = 4,

    /// <summary>Memory that can be read ahead of need.</summary>
    Prefetchable = 8,
}

/// <summary>A base address register of a device, and what appears where it points.</summary>
/// <param name="Index">0 to 5; 6 is the ROM.</param>
/// <param name="Kind">What it decodes.</param>
/// <param name="Size">Bytes it decodes, a power of two.</param>
/// <param name="Region">What appears.</param>
public sealed record GuestBar(int Index, BarKind Kind, ulong Size, MemoryRegion Region)
{
    /// <summary>Index of the ROM's.</summary>
    public const int Rom = 6;

    /// <summary>Where it is on the bus; null: it does not decode now.</summary>
    public ulong? Address { get; internal set; }
}
