// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>A part of a pinned range that one thing backs. Offsets are from the start of the segment.</summary>
internal abstract class ProcessSegment(ulong start, ulong length)
{
    /// <summary>Offset in the pinned range.</summary>
    public ulong Start { get; } = start;

    public ulong Length { get; } = length;

    public virtual bool IsAccounted => true;

    public abstract bool Read(ulong offset, Span<byte> destination);

    public abstract bool Write(ulong offset, ReadOnlySpan<byte> source);

    public virtual void Release()
    {
    }
}

/// <summary>Private memory, through /proc/PID/mem: bound to the mm, whatever becomes of the process id.</summary>
internal sealed class PrivateSegment(ulong start, ulong length, SafeDescriptor memory, ulong address) : ProcessSegment(start, length)
{
    public override bool Read(ulong offset, Span<byte> destination)
    {
        bool held = false;
        try
        {
            memory.DangerousAddRef(ref held);
            return Descriptors.ReadAt(memory.Number, destination, address + offset).Value == destination.Length;
        }
        catch (ObjectDisposedException)
        {
            return false; // The process is gone.
        }
        finally
        {
            if (held) memory.DangerousRelease();
        }
    }

    public override bool Write(ulong offset, ReadOnlySpan<byte> source)
    {
        bool held = false;
        try
        {
            memory.DangerousAddRef(ref held);
            return Descriptors.WriteAt(memory.Number, source, address + offset).Value == source.Length;
        }
        catch (ObjectDisposedException)
        {
            return false; // The process is gone.
        }
        finally
        {
            if (held) memory.DangerousRelease();
        }
    }
}

/// <summary>Shared memory, through its file: it stays when the process unmaps it.</summary>
internal sealed class SharedFileSegment(ulong start, ulong length, SharedFile file, ulong fileOffset) : ProcessSegment(start, length)
{
    public override bool Read(ulong offset, Span<byte> destination) => file.Read(fileOffset + offset, destination);

    public override bool Write(ulong offset, ReadOnlySpan<byte> source) => file.Write(fileOffset + offset, source);

    public override void Release() => file.Release();
}

/// <summary>A mapped BAR: DMA goes to the device model, in the widest aligned accesses. It is not accounted.</summary>
internal sealed class DeviceSegment(ulong start, ulong length, IMappedRegion region) : ProcessSegment(start, length)
{
    public override bool IsAccounted => false;

    public override bool Read(ulong offset, Span<byte> destination)
    {
        for (int at = 0; at < destination.Length;)
        {
            int width = WidthAt(offset + (ulong)at, destination.Length - at);
            if (region.Load(offset + (ulong)at, width, out ulong value) != MemoryFault.None) return false;
            for (int i = 0; i < width; i++) destination[at + i] = (byte)(value >> (8 * i));
            at += width;
        }

        return true;
    }

    public override bool Write(ulong offset, ReadOnlySpan<byte> source)
    {
        for (int at = 0; at < source.Length;)
        {
            int width = WidthAt(offset + (ulong)at, source.Length - at);
            ulong value = 0;
            for (int i = 0; i < width; i++) value |= (ulong)source[at + i] << (8 * i);
            if (region.Store(offset + (ulong)at, width, value) != MemoryFault.None) return false;
            at += width;
        }

        return true;
    }

    private static int WidthAt(ulong offset, int left)
    {
        int width = 8;
        while (width > left || (offset & (ulong)(width - 1)) != 0) width >>= 1;
        return width;
    }
}
