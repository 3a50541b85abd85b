// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Callers;

/// <summary>
/// A run of pinned memory: part of a backing, which it holds a reference to, or of a device region, which it does not
/// keep open (a VM_PFNMAP page has no owner to hold): a region answers after its device is gone too.
/// </summary>
internal readonly record struct PinnedSegment(ulong Start, ulong Length, MemoryBacking? Backing, ulong Offset, IMappedRegion? Region, bool IsHuge);

/// <summary>Pages of an <see cref="AddressSpace"/> held for DMA.</summary>
internal sealed class PinnedAreaMemory : IPinnedMemory
{
    private readonly PinnedSegment[] _segments;

    public PinnedAreaMemory(PinnedSegment[] segments)
    {
        _segments = segments;
        foreach (PinnedSegment segment in segments)
        {
            Length += segment.Length;
            if (segment.Backing is null) continue;
            if (PageBackedLength == segment.Start) PageBackedLength += segment.Length;
            AccountedLength += segment.Length;
        }
    }

    public ulong Length { get; }

    public ulong AccountedLength { get; }

    public ulong PageBackedLength { get; }

    public bool IsHugeAt(ulong offset) => SegmentAt(offset).IsHuge;

    public bool Read(ulong offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ref readonly PinnedSegment segment = ref SegmentAt(offset);
            ulong within = offset - segment.Start;
            int count = (int)Math.Min((ulong)destination.Length, segment.Length - within);
            Span<byte> part = destination[..count];
            if (segment.Backing is not null ? !segment.Backing.TryRead(segment.Offset + within, part) : !ReadRegion(segment.Region!, segment.Offset + within, part)) return false;
            destination = destination[count..];
            offset += (ulong)count;
        }

        return true;
    }

    public bool Write(ulong offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            ref readonly PinnedSegment segment = ref SegmentAt(offset);
            ulong within = offset - segment.Start;
            int count = (int)Math.Min((ulong)source.Length, segment.Length - within);
            ReadOnlySpan<byte> part = source[..count];
            if (segment.Backing is not null ? !segment.Backing.TryWrite(segment.Offset + within, part) : !WriteRegion(segment.Region!, segment.Offset + within, part)) return false;
            source = source[count..];
            offset += (ulong)count;
        }

        return true;
    }

    public void Dispose()
    {
        foreach (PinnedSegment segment in _segments) segment.Backing?.Release();
    }

    private ref readonly PinnedSegment SegmentAt(ulong offset)
    {
        if (_segments.Length == 1) return ref _segments[0];
        int low = 0, high = _segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (_segments[middle].Start <= offset) low = middle;
            else high = middle - 1;
        }

        return ref _segments[low];
    }

    // Peer-to-peer: a device's DMA into another's BAR arrives in dwords where it is aligned, else in bytes.
    private static bool ReadRegion(IMappedRegion region, ulong offset, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length;)
        {
            int width = ((offset + (ulong)i) & 3) == 0 && destination.Length - i >= 4 ? 4 : 1;
            if (region.Load(offset + (ulong)i, width, out ulong value) != MemoryFault.None) return false;
            for (int b = 0; b < width; b++) destination[i + b] = (byte)(value >> (8 * b));
            i += width;
        }

        return true;
    }

    private static bool WriteRegion(IMappedRegion region, ulong offset, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < source.Length;)
        {
            int width = ((offset + (ulong)i) & 3) == 0 && source.Length - i >= 4 ? 4 : 1;
            ulong value = 0;
            for (int b = 0; b < width; b++) value |= (ulong)source[i + b] << (8 * b);
            if (region.Store(offset + (ulong)i, width, value) != MemoryFault.None) return false;
            i += width;
        }

        return true;
    }
}
