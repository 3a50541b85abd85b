// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Callers;

/// <summary>
/// A run of pages of an <see cref="AddressSpace"/> with one protection and one thing behind it: memory, or a region
/// of a host file. Holds a reference to that thing. Guarded by the address space's lock.
/// </summary>
internal sealed class MemoryArea
{
    private readonly ulong _backingOffset;

    public MemoryArea(ulong start, ulong length, MemoryProtection protection, MemoryKind kind, MemoryBacking backing, ulong backingOffset)
    {
        Start = start;
        End = start + length;
        Protection = protection;
        Kind = kind;
        Backing = backing;
        _backingOffset = backingOffset;
    }

    public MemoryArea(ulong start, ulong length, MemoryProtection protection, IMappedRegion region, HostFile file, ulong regionOffset = 0)
    {
        Start = start;
        End = start + length;
        Protection = protection;
        Kind = MemoryKind.Shared;
        Region = region;
        File = file;
        _backingOffset = regionOffset;
    }

    public ulong Start { get; }

    public ulong End { get; }

    public MemoryKind Kind { get; }

    public MemoryProtection Protection { get; set; }

    public MemoryBacking? Backing { get; }

    public IMappedRegion? Region { get; }

    public HostFile? File { get; }

    /// <summary>Where an address of the area is in its backing or region.</summary>
    public ulong OffsetOf(ulong address) => _backingOffset + (address - Start);

    /// <summary>A piece of the area, with a reference of its own.</summary>
    public MemoryArea Part(ulong from, ulong to)
    {
        Backing?.Acquire();
        File?.Acquire();
        return Region is not null
            ? new MemoryArea(from, to - from, Protection, Region, File!, OffsetOf(from))
            : new MemoryArea(from, to - from, Protection, Kind, Backing!, OffsetOf(from));
    }

    /// <summary>The area as a forked process has it.</summary>
    public MemoryArea ForkCopy()
    {
        if (Kind != MemoryKind.Shared && Backing!.Clone() is { } copy)
        {
            return new MemoryArea(Start, End - Start, Protection, Kind, copy, _backingOffset);
        }

        return Part(Start, End);
    }

    /// <summary>Gives the reference back. Not under the address space's lock: a device may close.</summary>
    public void Drop()
    {
        Backing?.Release();
        File?.Release();
    }
}
