// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Callers;

/// <summary>A pinned range of a real process: one segment a mapping it crosses, mostly a single one.</summary>
internal sealed class PinnedProcessMemory : IPinnedMemory
{
    private readonly ProcessSegment[] _segments;

    public PinnedProcessMemory(ProcessSegment[] segments)
    {
        _segments = segments;
        foreach (ProcessSegment segment in segments)
        {
            Length += segment.Length;
            if (!segment.IsAccounted) continue;
            if (PageBackedLength == segment.Start) PageBackedLength += segment.Length;
            AccountedLength += segment.Length;
        }
    }

    public ulong Length { get; }

    public ulong AccountedLength { get; }

    public ulong PageBackedLength { get; }

    public bool Read(ulong offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (!TryFind(offset, out ProcessSegment? segment)) return false;
            ulong inside = offset - segment!.Start;
            int count = (int)Math.Min((ulong)destination.Length, segment.Length - inside);
            if (!segment.Read(inside, destination[..count])) return false;
            destination = destination[count..];
            offset += (ulong)count;
        }

        return true;
    }

    public bool Write(ulong offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            if (!TryFind(offset, out ProcessSegment? segment)) return false;
            ulong inside = offset - segment!.Start;
            int count = (int)Math.Min((ulong)source.Length, segment.Length - inside);
            if (!segment.Write(inside, source[..count])) return false;
            source = source[count..];
            offset += (ulong)count;
        }

        return true;
    }

    public void Dispose()
    {
        foreach (ProcessSegment segment in _segments) segment.Release();
    }

    private bool TryFind(ulong offset, out ProcessSegment? segment)
    {
        int low = 0;
        int high = _segments.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            segment = _segments[middle];
            if (offset < segment.Start) high = middle - 1;
            else if (offset - segment.Start >= segment.Length) low = middle + 1;
            else return true;
        }

        segment = null;
        return false;
    }
}
