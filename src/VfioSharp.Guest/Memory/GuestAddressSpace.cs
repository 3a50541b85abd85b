// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Memory;

/// <summary>How an access to a guest's address space ended.</summary>
public enum MemoryAccessResult
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>Nothing is there, or an IOMMU of the guest maps nothing there.</summary>
    NotMapped,

    /// <summary>It is read-only, or an IOMMU of the guest does not allow this.</summary>
    NotAllowed,

    /// <summary>What is there did not answer.</summary>
    Failed,
}

/// <summary>
/// Addresses as somebody of the guest uses them: its processors (memory), or the devices of a bus (DMA). Made of a tree
/// of regions, read by a flat view of it.
/// </summary>
/// <remarks>
/// Accesses come from any thread, take no lock, and allocate nothing. Numbers are little-endian. An access goes to
/// registers as one of its width where it is aligned and lies in one region, else in parts.
/// </remarks>
public sealed class GuestAddressSpace : IDisposable
{
    // A guest's IOMMU may lead to another's window; more in a row than this is a loop.
    private const int DeepestIommu = 4;

    private readonly List<IMemoryListener> _listeners = [];
    private IMemoryListener[] _telling = [];
    private FlatView _told = FlatView.Empty;
    private FlatView _view = FlatView.Empty;
    private bool _disposed;

    /// <summary>Makes an address space of a tree.</summary>
    /// <param name="topology">The machine's regions.</param>
    /// <param name="root">The tree's root.</param>
    /// <param name="name">For messages.</param>
    public GuestAddressSpace(MemoryTopology topology, MemoryRegion root, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(root);
        if (root.Topology != topology) throw new ArgumentException($"{root} is of another topology", nameof(root));
        Topology = topology;
        Root = root;
        Name = name ?? root.Name;
        topology.Add(this);
        Render();
        _told = _view;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>The machine's regions.</summary>
    public MemoryTopology Topology { get; }

    /// <summary>The tree's root.</summary>
    public MemoryRegion Root { get; }

    /// <summary>What is seen now.</summary>
    public FlatView View => Volatile.Read(ref _view);

    /// <summary>Adds a listener and tells it what is seen.</summary>
    public void AddListener(IMemoryListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ObjectDisposedException.ThrowIf(_disposed, this);
        _listeners.Add(listener);
        listener.Begin();
        foreach (ref readonly MemorySection section in _told.AsSpan()) listener.RegionAdded(section);
        listener.Commit();
    }

    /// <summary>Tells a listener that all that is seen goes, and removes it.</summary>
    public void RemoveListener(IMemoryListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (!_listeners.Remove(listener)) return;
        listener.Begin();
        foreach (ref readonly MemorySection section in _told.AsSpan()) listener.RegionRemoved(section);
        listener.Commit();
    }

    /// <summary>Loads a number of 1, 2, 4 or 8 bytes.</summary>
    public MemoryAccessResult Load(GuestPhysicalAddress address, int width, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        MemoryAccessResult result = Access(address.Value, bytes[..Checked(width)], isWrite: false);
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return result;
    }

    /// <summary>Stores a number of 1, 2, 4 or 8 bytes.</summary>
    public MemoryAccessResult Store(GuestPhysicalAddress address, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Access(address.Value, bytes[..Checked(width)], isWrite: true);
    }

    /// <summary>Reads a block. On failure the rest of it is left as it was.</summary>
    public MemoryAccessResult Read(GuestPhysicalAddress address, Span<byte> destination) => Access(address.Value, destination, isWrite: false);

    /// <summary>Writes a block. On failure what came before is written.</summary>
    public MemoryAccessResult Write(GuestPhysicalAddress address, ReadOnlySpan<byte> source) =>
        // One path for both directions; it only reads from the span when it writes to memory.
        Access(address.Value, MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(source), source.Length), isWrite: true);

    /// <summary>Takes the space out of the machine: listeners are told that all goes.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        foreach (IMemoryListener listener in _listeners.ToArray()) RemoveListener(listener);
        _disposed = true;
        Topology.Remove(this);
        Volatile.Write(ref _view, FlatView.Empty);
    }

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    /// <summary>Makes the view anew.</summary>
    internal void Render() => Volatile.Write(ref _view, FlatView.Of(Root));

    /// <summary>Tells listeners that a change begins, and what of the view they know is gone.</summary>
    internal void TellGone()
    {
        _telling = _listeners.Count == 0 || _told.AsSpan().SequenceEqual(_view.AsSpan()) ? [] : [.. _listeners];
        if (_telling.Length == 0) return;
        foreach (IMemoryListener listener in _telling) listener.Begin();
        foreach (MemorySection gone in ViewDifference.In(_told, notIn: _view))
            foreach (IMemoryListener listener in _telling) listener.RegionRemoved(gone);
    }

    /// <summary>Tells them what of the present view is new, and that this was all.</summary>
    internal void TellCome()
    {
        FlatView old = _told;
        _told = _view;
        foreach (MemorySection come in _telling.Length == 0 ? [] : ViewDifference.In(_told, notIn: old))
            foreach (IMemoryListener listener in _telling) listener.RegionAdded(come);
        foreach (IMemoryListener listener in _telling) listener.Commit();
        _telling = [];
    }

    private static int Checked(int width) => width is 1 or 2 or 4 or 8
        ? width : throw new ArgumentOutOfRangeException(nameof(width), width, "an access has 1, 2, 4 or 8 bytes");

    private MemoryAccessResult Access(ulong address, Span<byte> bytes, bool isWrite, int depth = 0)
    {
        FlatView view = View;
        while (!bytes.IsEmpty)
        {
            if (!view.TryFind(address, out MemorySection section)) return MemoryAccessResult.NotMapped;
            ulong skipped = address - section.Address;
            ulong offset = section.OffsetInRegion + skipped;
            Span<byte> part = bytes[..(int)Math.Min((ulong)bytes.Length, section.Size - skipped)];
            MemoryAccessResult result = section.Region switch
            {
                RamRegion when isWrite && section.IsReadOnly => MemoryAccessResult.NotAllowed,
                RamRegion ram => AccessRam(ram, offset, part, isWrite),
                MmioRegion mmio => AccessRegisters(mmio.Handler, offset, part, isWrite),
                IommuRegion iommu => AccessThrough(iommu, offset, part, isWrite, depth),
                _ => MemoryAccessResult.NotMapped,
            };
            if (result != MemoryAccessResult.Done) return result;
            bytes = bytes[part.Length..];
            address += (ulong)part.Length;
        }

        return MemoryAccessResult.Done;
    }

    private static MemoryAccessResult AccessRam(RamRegion ram, ulong offset, Span<byte> bytes, bool isWrite)
    {
        // A number at its natural place is one load or store, as a processor's is; a block is copied.
        bool isNumber = bytes.Length is 1 or 2 or 4 or 8 && (offset & (ulong)(bytes.Length - 1)) == 0;
        if (ram.IsDevice && !isNumber) return AccessMappedRegisters(ram, offset, bytes, isWrite);
        MemoryFault fault;
        if (!isNumber)
        {
            fault = isWrite ? ram.Memory.Write(offset, bytes) : ram.Memory.Read(offset, bytes);
        }
        else if (isWrite)
        {
            fault = ram.Memory.Store(offset, bytes.Length, ReadNumber(bytes));
        }
        else
        {
            fault = ram.Memory.Load(offset, bytes.Length, out ulong value);
            WriteNumber(bytes, value);
        }

        return fault == MemoryFault.None ? MemoryAccessResult.Done : MemoryAccessResult.Failed;
    }

    private static MemoryAccessResult AccessMappedRegisters(RamRegion ram, ulong offset, Span<byte> bytes, bool isWrite)
    {
        while (!bytes.IsEmpty)
        {
            int width = WidthAt(offset, bytes.Length);
            MemoryAccessResult result = AccessRam(ram, offset, bytes[..width], isWrite);
            if (result != MemoryAccessResult.Done) return result;
            offset += (ulong)width;
            bytes = bytes[width..];
        }

        return MemoryAccessResult.Done;
    }

    private static MemoryAccessResult AccessRegisters(IMmioHandler handler, ulong offset, Span<byte> bytes, bool isWrite)
    {
        while (!bytes.IsEmpty)
        {
            int width = WidthAt(offset, bytes.Length);
            if (isWrite) handler.Write(offset, width, ReadNumber(bytes[..width]));
            else WriteNumber(bytes[..width], handler.Read(offset, width));
            offset += (ulong)width;
            bytes = bytes[width..];
        }

        return MemoryAccessResult.Done;
    }

    private static MemoryAccessResult AccessThrough(IommuRegion iommu, ulong offset, Span<byte> bytes, bool isWrite, int depth)
    {
        if (depth == DeepestIommu) return MemoryAccessResult.NotMapped;
        DmaAccess wanted = isWrite ? DmaAccess.Write : DmaAccess.Read;
        while (!bytes.IsEmpty)
        {
            IommuEntry entry = iommu.Translate(offset, wanted);
            if (entry.Access == DmaAccess.None) return MemoryAccessResult.NotMapped;
            if ((entry.Access & wanted) == 0) return MemoryAccessResult.NotAllowed;
            ulong inPage = offset & entry.AddressMask;

            // A page may be larger than any span: the subtraction is from the mask, which cannot pass 64 bits.
            int length = (int)Math.Min((ulong)bytes.Length - 1, entry.AddressMask - inPage) + 1;
            MemoryAccessResult result = iommu.Target.Access((entry.Target.Value & ~entry.AddressMask) + inPage, bytes[..length], isWrite, depth + 1);
            if (result != MemoryAccessResult.Done) return result;
            offset += (ulong)length;
            bytes = bytes[length..];
        }

        return MemoryAccessResult.Done;
    }

    /// <summary>The largest width that is aligned at an offset and not more than what is left.</summary>
    private static int WidthAt(ulong offset, int left)
    {
        int width = sizeof(ulong);
        while (width > left || (offset & (ulong)(width - 1)) != 0) width >>= 1;
        return width;
    }

    private static ulong ReadNumber(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        sizeof(byte) => bytes[0],
        sizeof(ushort) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        sizeof(uint) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    private static void WriteNumber(Span<byte> bytes, ulong value)
    {
        switch (bytes.Length)
        {
            case sizeof(byte):
                bytes[0] = (byte)value;
                break;
            case sizeof(ushort):
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
                break;
            case sizeof(uint):
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
                break;
        }
    }
}
