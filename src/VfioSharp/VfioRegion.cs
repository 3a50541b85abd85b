// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp;

/// <summary>
/// A region of a device: a BAR, its configuration space, its ROM. Registers are read and written through the
/// mapping where the region is mapped, by pread and pwrite elsewhere.
/// </summary>
/// <remarks>
/// Members may be called from any thread; disposing a mapped region while another thread accesses it is a mistake.
/// Accesses allocate nothing. Each is one access of its width when aligned to it. <c>Read32</c> and its like take
/// the bytes as little-endian, which PCI is; <c>Read32BigEndian</c> is for devices whose registers are big-endian.
/// A region keeps its device open until it is disposed.
/// </remarks>
public sealed class VfioRegion : IDisposable
{
    private readonly record struct MappedArea(ulong Offset, VfioMapping Mapping);

    private readonly KernelFile _device;
    private readonly ulong _fileOffset;
    private readonly MappedArea[] _mapped;
    private readonly MemoryProtection _protection;
    private int _disposed;

    private VfioRegion(KernelFile device, in VfioRegionInfo info, RegionArea[] mappable, MappedArea[] mapped)
    {
        _device = device;
        _fileOffset = info.Offset;
        _mapped = mapped;
        Index = info.Index;
        Size = info.Size;
        _protection = ProtectionOf(info);
        CanRead = (info.Flags & VfioRegionInfoFlags.Read) != 0;
        CanWrite = (info.Flags & VfioRegionInfoFlags.Write) != 0;
        MappableAreas = mappable;
    }

    /// <summary>Which region: <c>VfioPciRegionIndex.Bar0</c> and so on.</summary>
    public uint Index { get; }

    /// <summary>Size in bytes; 0 when the device has no such region.</summary>
    public ulong Size { get; }

    /// <summary>Whether it can be read.</summary>
    public bool CanRead { get; }

    /// <summary>Whether it can be written.</summary>
    public bool CanWrite { get; }

    /// <summary>What of it can be mapped; empty when nothing can.</summary>
    public IReadOnlyList<RegionArea> MappableAreas { get; }

    /// <summary>Whether the kernel says that the MSI-X table, which is in this region, may be mapped with the rest of it.</summary>
    public bool IsMsixMappable { get; private init; }

    /// <summary>Whether accesses go through a mapping, at least in parts.</summary>
    public bool IsMapped => _mapped.Length > 0;

    /// <summary>
    /// The mapping, when the region is mapped whole: its memory can be given to <see cref="VfioContainer.MapDma(Iova, VfioMapping, DmaAccess)"/>,
    /// so that one device reaches another's BAR.
    /// </summary>
    public VfioMapping? Mapping => _mapped is [{ Offset: 0 } whole] && whole.Mapping.Length >= Size ? whole.Mapping : null;

    /// <summary>Reads a byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The access lies outside the region.</exception>
    /// <exception cref="VfioException">EIO: the device does not answer. EINVAL, EFAULT: not allowed there.</exception>
    public byte Read8(ulong offset) => (byte)Load(offset, sizeof(byte));

    /// <summary>Reads 16 bits, little-endian.</summary>
    /// <inheritdoc cref="Read8"/>
    public ushort Read16(ulong offset) => (ushort)Load(offset, sizeof(ushort));

    /// <summary>Reads 32 bits, little-endian.</summary>
    /// <inheritdoc cref="Read8"/>
    public uint Read32(ulong offset) => (uint)Load(offset, sizeof(uint));

    /// <summary>Reads 64 bits, little-endian.</summary>
    /// <inheritdoc cref="Read8"/>
    public ulong Read64(ulong offset) => Load(offset, sizeof(ulong));

    /// <summary>Writes a byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The access lies outside the region.</exception>
    /// <exception cref="VfioException">EIO: the device does not answer. EINVAL, EFAULT: not allowed there.</exception>
    public void Write8(ulong offset, byte value) => Store(offset, sizeof(byte), value);

    /// <summary>Writes 16 bits, little-endian.</summary>
    /// <inheritdoc cref="Write8"/>
    public void Write16(ulong offset, ushort value) => Store(offset, sizeof(ushort), value);

    /// <summary>Writes 32 bits, little-endian.</summary>
    /// <inheritdoc cref="Write8"/>
    public void Write32(ulong offset, uint value) => Store(offset, sizeof(uint), value);

    /// <summary>Writes 64 bits, little-endian.</summary>
    /// <inheritdoc cref="Write8"/>
    public void Write64(ulong offset, ulong value) => Store(offset, sizeof(ulong), value);

    /// <summary>Reads 16 bits, big-endian.</summary>
    /// <inheritdoc cref="Read8"/>
    public ushort Read16BigEndian(ulong offset) => BinaryPrimitives.ReverseEndianness(Read16(offset));

    /// <summary>Reads 32 bits, big-endian.</summary>
    /// <inheritdoc cref="Read8"/>
    public uint Read32BigEndian(ulong offset) => BinaryPrimitives.ReverseEndianness(Read32(offset));

    /// <summary>Reads 64 bits, big-endian.</summary>
    /// <inheritdoc cref="Read8"/>
    public ulong Read64BigEndian(ulong offset) => BinaryPrimitives.ReverseEndianness(Read64(offset));

    /// <summary>Writes 16 bits, big-endian.</summary>
    /// <inheritdoc cref="Write8"/>
    public void Write16BigEndian(ulong offset, ushort value) => Write16(offset, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>Writes 32 bits, big-endian.</summary>
    /// <inheritdoc cref="Write8"/>
    public void Write32BigEndian(ulong offset, uint value) => Write32(offset, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>Writes 64 bits, big-endian.</summary>
    /// <inheritdoc cref="Write8"/>
    public void Write64BigEndian(ulong offset, ulong value) => Write64(offset, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>Reads a block by pread: the kernel chooses the width of the accesses.</summary>
    /// <inheritdoc cref="Read8"/>
    public void Read(ulong offset, Span<byte> destination)
    {
        CheckAccess(offset, (ulong)destination.Length);
        KernelResult result = _device.Read(destination, _fileOffset + offset);
        if (result.Value != destination.Length) ThrowShort(result, Refusals.Read, offset, destination.Length);
    }

    /// <summary>Writes a block by pwrite: the kernel chooses the width of the accesses.</summary>
    /// <inheritdoc cref="Write8"/>
    public void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        CheckAccess(offset, (ulong)source.Length);
        KernelResult result = _device.Write(source, _fileOffset + offset);
        if (result.Value != source.Length) ThrowShort(result, Refusals.Write, offset, source.Length);
    }

    /// <summary>
    /// One pread of the region, as the kernel answers it: the value is the count of bytes, which may be short. For those
    /// who answer a refusal themselves.
    /// </summary>
    public KernelResult TryRead(ulong offset, Span<byte> destination)
    {
        ThrowIfDisposed();
        return _device.Read(destination, _fileOffset + offset);
    }

    /// <summary>One pwrite of the region, as the kernel answers it.</summary>
    public KernelResult TryWrite(ulong offset, ReadOnlySpan<byte> source)
    {
        ThrowIfDisposed();
        return _device.Write(source, _fileOffset + offset);
    }

    /// <summary>mmap of a part of the region, as the kernel answers it. The caller disposes the mapping.</summary>
    public KernelResult TryMap(RegionArea area, out VfioMapping? mapping)
    {
        ThrowIfDisposed();
        return _device.Map(_fileOffset + area.Offset, area.Size, _protection, out mapping);
    }

    /// <summary>Ends the mapping, and lets go of the device.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        foreach (MappedArea area in _mapped) area.Mapping.Dispose();
        _device.Release();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_device.Description} region {Index}";

    /// <summary>GET_REGION_INFO, and mmap of all that can be mapped when <paramref name="map"/> is set.</summary>
    internal static VfioRegion Open(KernelFile device, uint index, bool map)
    {
        KernelResult result = RegionCalls.GetInfo(device, index, out VfioRegionInfo info, out RegionArea[] mappable, out bool isMsixMappable);
        if (result.IsError) VfioException.Throw(result, Refusals.GetRegionInfo, $"{device.Description} region {index}");
        device.Acquire();
        try
        {
            return new VfioRegion(device, info, mappable, map ? Map(device, info, mappable) : []) { IsMsixMappable = isMsixMappable };
        }
        catch
        {
            device.Release();
            throw;
        }
    }

    private static MappedArea[] Map(KernelFile device, in VfioRegionInfo info, RegionArea[] mappable)
    {
        MemoryProtection protection = ProtectionOf(info);
        var mapped = new List<MappedArea>(mappable.Length);
        foreach (RegionArea area in mappable)
        {
            KernelResult result = device.Map(info.Offset + area.Offset, area.Size, protection, out VfioMapping? mapping);
            if (result.IsSuccess)
            {
                mapped.Add(new MappedArea(area.Offset, mapping!));
                continue;
            }

            foreach (MappedArea done in mapped) done.Mapping.Dispose();
            VfioException.Throw(result, Refusals.Map, $"{device.Description} region {info.Index}, offset 0x{area.Offset:x}, 0x{area.Size:x} bytes");
        }

        return [.. mapped];
    }

    private static MemoryProtection ProtectionOf(in VfioRegionInfo info)
    {
        MemoryProtection protection = MemoryProtection.None;
        if ((info.Flags & VfioRegionInfoFlags.Read) != 0) protection |= MemoryProtection.Read;
        if ((info.Flags & VfioRegionInfoFlags.Write) != 0) protection |= MemoryProtection.Write;
        return protection;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    private ulong Load(ulong offset, int width)
    {
        CheckAccess(offset, (ulong)width);
        foreach (MappedArea area in _mapped)
        {
            if (!Covers(area, offset, width)) continue;
            MemoryFault fault = area.Mapping.Load(offset - area.Offset, width, out ulong value);
            if (fault != MemoryFault.None) ThrowFault(fault, Refusals.Load, offset, width);
            return value;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        KernelResult result = _device.Read(bytes[..width], _fileOffset + offset);
        if (result.Value != width) ThrowShort(result, Refusals.Read, offset, width);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Store(ulong offset, int width, ulong value)
    {
        CheckAccess(offset, (ulong)width);
        foreach (MappedArea area in _mapped)
        {
            if (!Covers(area, offset, width)) continue;
            MemoryFault fault = area.Mapping.Store(offset - area.Offset, width, value);
            if (fault != MemoryFault.None) ThrowFault(fault, Refusals.Store, offset, width);
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        KernelResult result = _device.Write(bytes[..width], _fileOffset + offset);
        if (result.Value != width) ThrowShort(result, Refusals.Write, offset, width);
    }

    private static bool Covers(in MappedArea area, ulong offset, int width)
    {
        ulong length = area.Mapping.Length;
        return offset >= area.Offset && offset - area.Offset < length && (ulong)width <= length - (offset - area.Offset);
    }

    private void CheckAccess(ulong offset, ulong length)
    {
        ThrowIfDisposed();
        if (offset > Size || length > Size - offset)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"{length} bytes at 0x{offset:x} lie outside {this}, which has 0x{Size:x} bytes");
        }
    }

    [DoesNotReturn]
    private void ThrowFault(MemoryFault fault, string operation, ulong offset, int width) =>
        VfioException.Throw(
            KernelResult.FailSilently(fault == MemoryFault.Bus ? Errno.EIO : Errno.EFAULT),
            operation,
            $"{this} ({width} bytes at 0x{offset:x})");

    [DoesNotReturn]
    private void ThrowShort(KernelResult result, string operation, ulong offset, int length)
    {
        KernelResult refusal = result.IsError ? result : KernelResult.Fail(
            Errno.EIO, $"the kernel moved {result.Value} of {length} bytes at 0x{offset:x}");
        VfioException.Throw(refusal, operation, $"{this} ({length} bytes at 0x{offset:x})");
    }
}
