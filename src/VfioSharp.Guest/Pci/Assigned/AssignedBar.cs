// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// A BAR of an assigned device: a slow region of calls to the kernel underlies it all; over that lies, mapped, what the
/// kernel lets be mapped (hw/vfio/region.c, hw/vfio/pci.c: vfio_pci_fixup_msix_region).
/// </summary>
/// <remarks>Its registers are accessed by any thread.</remarks>
internal sealed class AssignedBar : IMmioHandler, IDisposable
{
    private readonly AssignedPciDevice _device;
    private readonly VfioRegion _region;
    private readonly MmioRegion _slow;
    private readonly List<RamRegion> _mapped = [];
    private readonly ulong _page;

    /// <summary>Takes the region over; nothing is mapped yet.</summary>
    internal AssignedBar(AssignedPciDevice device, VfioRegion region, BarKind kind, MemoryTopology topology, int pageSize)
    {
        _device = device;
        _region = region;
        _page = (ulong)pageSize;
        Index = (int)region.Index;
        Kind = kind;
        string name = $"{device.Id} BAR {Index}";
        Region = new ContainerRegion(topology, name, region.Size);
        _slow = new MmioRegion(topology, $"{name} (slow)", region.Size, this);
        Region.Add(_slow, 0);
    }

    internal int Index { get; }

    internal BarKind Kind { get; }

    internal ulong Size => _region.Size;

    /// <summary>What the guest sees where it places the BAR.</summary>
    internal ContainerRegion Region { get; }

    /// <summary>The parts that are mapped.</summary>
    internal IReadOnlyList<RamRegion> Mapped => _mapped;

    /// <summary>Maps what can be. What cannot stays slow, and the device works.</summary>
    /// <param name="table">Where the MSI-X table is, if it is in this BAR and its pages may not be mapped.</param>
    internal void Map(RegionArea? table)
    {
        if (_region.MappableAreas.Count == 0 && Size < _page && !Kind.HasFlag(BarKind.Ports))
            _device.Warn($"BAR {Index} has 0x{Size:x} bytes, too few to be mapped by pages of 0x{_page:x}: accesses are slow");
        foreach (RegionArea part in Parts(table))
        {
            KernelResult result = _region.TryMap(part, out VfioMapping? mapping);
            if (result.IsError)
            {
                _device.Warn($"BAR {Index}: mmap of 0x{part.Size:x} bytes at 0x{part.Offset:x} failed with {result}: accesses are slow");
                continue;
            }

            var ram = new RamRegion(Region.Topology, $"{Region.Name} (mapped at 0x{part.Offset:x})", mapping!, isDevice: true);
            ram.Size = Math.Min(ram.Size, Size - part.Offset);
            _mapped.Add(ram);
            Region.Add(ram, part.Offset, priority: 1);
        }
    }

    /// <summary>Mapped parts are there, or accesses go the slow way. Within a change of the topology.</summary>
    internal void ShowMapped(bool shown)
    {
        foreach (RamRegion ram in _mapped) ram.IsEnabled = shown;
    }

    /// <summary>
    /// A BAR smaller than a page, alone in its page on the host: where the guest places it at a page's start too, it is
    /// shown a page large, so that a hypervisor can map it (hw/vfio/pci.c: vfio_sub_page_bar_update_mapping).
    /// </summary>
    internal void FitTo(ulong address)
    {
        if (Size >= _page || _mapped is not [var ram]) return;
        ulong size = (address & (_page - 1)) == 0 ? _page : Size;
        using (Region.Topology.Change())
        {
            Region.Size = size;
            _slow.Size = size;
            ram.Size = size;
        }
    }

    /// <inheritdoc/>
    public ulong Read(ulong offset, int width)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        KernelResult result = _region.TryRead(offset, bytes[..width]);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (result.Value != width)
        {
            _device.Warn($"BAR {Index}: reading {width} bytes at 0x{offset:x} failed with {result}: the guest reads ones");
            value = ulong.MaxValue >> (64 - (8 * width));
        }

        _device.OnSlowAccess();
        return value;
    }

    /// <inheritdoc/>
    public void Write(ulong offset, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        KernelResult result = _region.TryWrite(offset, bytes[..width]);
        if (result.Value != width) _device.Warn($"BAR {Index}: writing 0x{value:x} ({width} bytes) at 0x{offset:x} failed with {result}");
        _device.OnSlowAccess();
    }

    /// <summary>Ends the mappings. The region is on no bus any more.</summary>
    public void Dispose()
    {
        foreach (RamRegion ram in _mapped)
        {
            Region.Remove(ram);
            ram.Memory.Dispose();
        }

        _mapped.Clear();
        _region.Dispose();
    }

    private IEnumerable<RegionArea> Parts(RegionArea? table)
    {
        foreach (RegionArea area in _region.MappableAreas)
        {
            // A small BAR is alone in its page when the kernel says that it can be mapped: the whole page is.
            if (area is { Offset: 0 } && area.Size < _page && Size < _page)
            {
                if (table is null) yield return area with { Size = _page };
                continue;
            }

            // Sparse areas leave the table out themselves.
            if (table is not { } hole || area.Offset != 0 || area.Size != Size)
            {
                yield return area;
                continue;
            }

            ulong before = hole.Offset & ~(_page - 1);
            ulong after = (hole.Offset + hole.Size + _page - 1) & ~(_page - 1);
            if (before > 0) yield return new RegionArea(0, before);
            if (after < area.Size) yield return new RegionArea(after, area.Size - after);
        }
    }
}
