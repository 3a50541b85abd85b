// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp;

/// <summary>Memory of this process and its DMA mapping in one: what a driver shares with its device.</summary>
/// <remarks>
/// Any thread may read and write; disposing it while another thread does is a mistake. Reads and writes allocate
/// nothing. Numbers are little-endian, as PCI devices have them.
/// </remarks>
public sealed class DmaBuffer : IDisposable
{
    private readonly VfioMapping _memory;
    private readonly DmaMapping _mapping;
    private readonly RegisteredMemory? _registration;

    internal DmaBuffer(VfioMapping memory, DmaMapping mapping, RegisteredMemory? registration)
    {
        _memory = memory;
        _mapping = mapping;
        _registration = registration;
    }

    /// <summary>Where the device sees the first byte.</summary>
    public Iova Iova => _mapping.Iova;

    /// <summary>Size in bytes.</summary>
    public ulong Size => _mapping.Size;

    /// <summary>Copies bytes out of the buffer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of it lies outside.</exception>
    public void Read(ulong offset, Span<byte> destination)
    {
        CheckBounds(offset, (ulong)destination.Length);
        if (_memory.Read(offset, destination) is var fault and not MemoryFault.None) ThrowFault(Refusals.Load, offset, fault);
    }

    /// <summary>Copies bytes into the buffer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of it lies outside.</exception>
    public void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        CheckBounds(offset, (ulong)source.Length);
        if (_memory.Write(offset, source) is var fault and not MemoryFault.None) ThrowFault(Refusals.Store, offset, fault);
    }

    /// <summary>Reads a 32-bit number by a single load.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of it lies outside.</exception>
    public uint Read32(ulong offset) => (uint)Load(offset, sizeof(uint));

    /// <summary>Reads a 64-bit number by a single load.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of it lies outside.</exception>
    public ulong Read64(ulong offset) => Load(offset, sizeof(ulong));

    /// <summary>Writes a 32-bit number by a single store.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of it lies outside.</exception>
    public void Write32(ulong offset, uint value) => Store(offset, sizeof(uint), value);

    /// <summary>Writes a 64-bit number by a single store.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of it lies outside.</exception>
    public void Write64(ulong offset, ulong value) => Store(offset, sizeof(ulong), value);

    /// <summary>Unmaps, then unregisters, then frees the memory: never the other way round.</summary>
    public void Dispose()
    {
        _mapping.Dispose();
        _registration?.Dispose();
        _memory.Dispose();
    }

    private ulong Load(ulong offset, int width)
    {
        CheckBounds(offset, (ulong)width);
        if (_memory.Load(offset, width, out ulong value) is var fault and not MemoryFault.None) ThrowFault(Refusals.Load, offset, fault);
        return value;
    }

    private void Store(ulong offset, int width, ulong value)
    {
        CheckBounds(offset, (ulong)width);
        if (_memory.Store(offset, width, value) is var fault and not MemoryFault.None) ThrowFault(Refusals.Store, offset, fault);
    }

    private void CheckBounds(ulong offset, ulong length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Size - offset);
    }

    private void ThrowFault(string operation, ulong offset, MemoryFault fault) =>
        VfioException.Throw(
            KernelResult.FailSilently(fault == MemoryFault.Bus ? Errno.EIO : Errno.EFAULT),
            operation,
            $"DMA buffer at {Iova}, offset 0x{offset:x}");
}
