// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Pci;

/// <summary>A part of a BAR that is plain memory.</summary>
/// <param name="Bar">The BAR, 0–5.</param>
/// <param name="Offset">Where in the BAR it begins, a multiple of the page size.</param>
/// <param name="Length">Bytes, a multiple of the page size where programs are to map it as memory.</param>
public readonly record struct BarMemoryArea(int Bar, ulong Offset, ulong Length);

/// <summary>
/// The parts of a function's BARs that are plain memory. Users who map them, calls, DMA and the model see the same bytes;
/// the model does not hear of accesses, and keeps its bytes here. Thread-safe.
/// </summary>
public sealed class BarMemory
{
    // Guards all below, the file's own state with it. Innermost but for system calls.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private readonly byte[]?[] _bytes;
    private IBarMemoryFile? _file;
    private bool _isAccessible = true;
    private bool _isShown;

    /// <summary>Zeroed memory at those places, which must not overlap.</summary>
    public BarMemory(IReadOnlyList<BarMemoryArea> areas)
    {
        ArgumentNullException.ThrowIfNull(areas);
        foreach (BarMemoryArea area in areas)
        {
            if (area.Length is 0 or > int.MaxValue)
                throw new ArgumentException($"Memory of 0x{area.Length:x} bytes at 0x{area.Offset:x} of BAR {area.Bar}: it can have 1 to 0x{int.MaxValue:x}.", nameof(areas));
        }

        Areas = areas;
        _bytes = new byte[areas.Count][];
    }

    /// <summary>Where it is.</summary>
    public IReadOnlyList<BarMemoryArea> Areas { get; }

    /// <summary>Reads memory; false when it does not all lie in one area.</summary>
    public bool Read(int bar, ulong offset, Span<byte> destination)
    {
        if (Find(bar, offset, destination.Length) is not (int area and >= 0)) return false;
        int inside = (int)(offset - Areas[area].Offset);
        using (_lock.EnterScope())
        {
            if (_isShown) _file!.Read(area, (ulong)inside, destination);
            else if (_bytes[area] is { } bytes) bytes.AsSpan(inside, destination.Length).CopyTo(destination);
            else destination.Clear();
        }

        return true;
    }

    /// <summary>Writes memory; false when it does not all lie in one area.</summary>
    public bool Write(int bar, ulong offset, ReadOnlySpan<byte> source)
    {
        if (Find(bar, offset, source.Length) is not (int area and >= 0)) return false;
        int inside = (int)(offset - Areas[area].Offset);
        using (_lock.EnterScope())
        {
            if (_isShown) _file!.Write(area, (ulong)inside, source);
            else source.CopyTo(BytesOf(area).AsSpan(inside));
        }

        return true;
    }

    /// <summary>
    /// Moves the bytes into a file that others map; they are there until <see cref="Detach"/>, or another file takes them.
    /// Nothing when they are there already.
    /// </summary>
    public void Attach(IBarMemoryFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        using (_lock.EnterScope())
        {
            if (_file == file) return;
            Hide();
            _file = file;
            Show();
        }
    }

    /// <summary>Moves the bytes back into this process, if that file has them.</summary>
    public void Detach(IBarMemoryFile file)
    {
        using (_lock.EnterScope())
        {
            if (_file != file) return;
            Hide();
            _file = null;
        }
    }

    /// <summary>
    /// The function's memory went out of its user's reach, or came back: pages that are mapped go and come with it, as
    /// Linux takes them away (vfio_pci_core.c: vfio_pci_zap_and_down_write_memory_lock).
    /// </summary>
    internal void Move(bool isAccessible)
    {
        using (_lock.EnterScope())
        {
            if (_isAccessible == isAccessible) return;
            _isAccessible = isAccessible;
            if (isAccessible) Show();
            else Hide();
        }
    }

    /// <summary>A load of 1, 2, 4 or 8 bytes; false when it is not memory.</summary>
    internal bool TryLoad(int bar, ulong offset, int width, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        bool read = Read(bar, offset, bytes[..width]);
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return read;
    }

    /// <summary>A store of 1, 2, 4 or 8 bytes; false when it is not memory.</summary>
    internal bool TryStore(int bar, ulong offset, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Write(bar, offset, bytes[..width]);
    }

    private int Find(int bar, ulong offset, int length)
    {
        for (int i = 0; i < Areas.Count; i++)
        {
            BarMemoryArea area = Areas[i];
            if (area.Bar == bar && offset >= area.Offset && offset - area.Offset <= area.Length && (ulong)length <= area.Length - (offset - area.Offset)) return i;
        }

        return -1;
    }

    private byte[] BytesOf(int area) => _bytes[area] ??= new byte[Areas[area].Length];

    // Below the lock.
    private void Show()
    {
        if (_isShown || _file is null || !_isAccessible || !_file.Show()) return;
        for (int i = 0; i < _bytes.Length; i++)
        {
            if (_bytes[i] is { } bytes) _file.Write(i, 0, bytes);
            _bytes[i] = null;
        }

        _isShown = true;
    }

    // Below the lock. What others store while it happens may be lost, as with memory that goes away.
    private void Hide()
    {
        if (!_isShown) return;
        _isShown = false;
        for (int i = 0; i < _bytes.Length; i++) _file!.Read(i, 0, BytesOf(i));
        _file!.Hide();
    }
}
