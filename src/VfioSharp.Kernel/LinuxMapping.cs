// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Kernel;

/// <summary>A mapping of this process: loads and stores are single instructions of the asked width where aligned.</summary>
internal sealed unsafe class LinuxMapping(MappedMemory memory) : VfioMapping
{
    public override ulong Address => (ulong)memory.Start;

    public override ulong Length => memory.Length;

    public override MemoryFault Load(ulong offset, int width, out ulong value)
    {
        value = 0;
        if (!Contains(offset, (ulong)width)) return MemoryFault.Segmentation;
        // SAFETY: inside the mapping as just checked; Volatile keeps it one load, not merged or moved.
        byte* place = memory.Start + offset;
        switch (width)
        {
            case 1: value = Volatile.Read(ref *place); break;
            case 2: value = Volatile.Read(ref *(ushort*)place); break;
            case 4: value = Volatile.Read(ref *(uint*)place); break;
            case 8: value = Volatile.Read(ref *(ulong*)place); break;
            default: throw new ArgumentOutOfRangeException(nameof(width), width, "an access is 1, 2, 4 or 8 bytes wide");
        }

        GC.KeepAlive(memory);
        return MemoryFault.None;
    }

    public override MemoryFault Store(ulong offset, int width, ulong value)
    {
        if (!Contains(offset, (ulong)width)) return MemoryFault.Segmentation;
        // SAFETY: inside the mapping as just checked; Volatile keeps it one store, not merged or moved.
        byte* place = memory.Start + offset;
        switch (width)
        {
            case 1: Volatile.Write(ref *place, (byte)value); break;
            case 2: Volatile.Write(ref *(ushort*)place, (ushort)value); break;
            case 4: Volatile.Write(ref *(uint*)place, (uint)value); break;
            case 8: Volatile.Write(ref *(ulong*)place, value); break;
            default: throw new ArgumentOutOfRangeException(nameof(width), width, "an access is 1, 2, 4 or 8 bytes wide");
        }

        GC.KeepAlive(memory);
        return MemoryFault.None;
    }

    public override MemoryFault Read(ulong offset, Span<byte> destination)
    {
        if (!Contains(offset, (ulong)destination.Length)) return MemoryFault.Segmentation;
        // SAFETY: the whole span lies inside the mapping as just checked.
        new ReadOnlySpan<byte>(memory.Start + offset, destination.Length).CopyTo(destination);
        GC.KeepAlive(memory);
        return MemoryFault.None;
    }

    public override MemoryFault Write(ulong offset, ReadOnlySpan<byte> source)
    {
        if (!Contains(offset, (ulong)source.Length)) return MemoryFault.Segmentation;
        // SAFETY: the whole span lies inside the mapping as just checked.
        source.CopyTo(new Span<byte>(memory.Start + offset, source.Length));
        GC.KeepAlive(memory);
        return MemoryFault.None;
    }

    protected override void Dispose(bool disposing) => memory.Dispose();

    private bool Contains(ulong offset, ulong count) =>
        !memory.IsClosed && offset <= memory.Length && count <= memory.Length - offset;
}
