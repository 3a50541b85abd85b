// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Host.Groups;
using VfioSharp.Pci;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>A DMA window at one moment.</summary>
/// <param name="Start">First bus address.</param>
/// <param name="Size">Bytes.</param>
/// <param name="PageSize">Bytes of its pages.</param>
/// <param name="Levels">Levels of its table.</param>
/// <param name="Entries">Entries that are not empty.</param>
/// <param name="TableBytes">Bytes of the table's levels that are there.</param>
public sealed record WindowUse(ulong Start, ulong Size, ulong PageSize, int Levels, ulong Entries, long TableBytes);

/// <summary>An entry of a window's table, as hardware reads it.</summary>
/// <param name="BusAddress">First bus address that it translates.</param>
/// <param name="PageSize">Bytes that it translates.</param>
/// <param name="PhysicalAddress">The machine's address: pinned memory has consecutive ones, from a multiple of 1 TiB on.</param>
/// <param name="Access">What the device may do.</param>
public sealed record WindowEntry(ulong BusAddress, ulong PageSize, ulong PhysicalAddress, DmaAccess Access);

/// <summary>What a POWER machine's endpoint has of DMA windows, and what it could have.</summary>
public sealed class EndpointWindows
{
    private readonly IommuTableGroup _tables;

    private EndpointWindows(IommuGroup group, IommuTableGroup tables, IReadOnlyList<WindowUse> windows)
    {
        _tables = tables;
        Group = group.Id;
        Name = tables.Name;
        Functions = [.. group.Members.Select(member => member.Function.Address)];
        Owner = group.Owner?.DescribeOwner() ?? "host";
        Bypass = tables.Domain.Bypass;
        Windows = windows;
    }

    /// <summary>Number of its IOMMU group.</summary>
    public int Group { get; }

    /// <summary>The endpoint's name.</summary>
    public string Name { get; }

    /// <summary>Its functions.</summary>
    public IReadOnlyList<PciAddress> Functions { get; }

    /// <summary>Who has the windows: the host, or VFIO for a process.</summary>
    public string Owner { get; }

    /// <summary>Whether bus addresses with bit 59 are physical ones (the host's own use).</summary>
    public bool Bypass { get; }

    /// <summary>The windows there are.</summary>
    public IReadOnlyList<WindowUse> Windows { get; }

    /// <summary>Bytes of the default window; 0 when there is none.</summary>
    public ulong DefaultWindowSize => _tables.Tce32Size;

    /// <summary>Bitmap of page sizes that windows can have.</summary>
    public ulong PageSizes => _tables.PageSizes;

    /// <summary>Windows there can be at once.</summary>
    public uint MaxWindows => _tables.MaxWindows;

    /// <summary>The most levels of a table.</summary>
    public uint MaxLevels => _tables.MaxLevels;

    /// <summary>Whether groups of one container share its windows, as on PowerNV; else each needs a container of its own.</summary>
    public bool SharesWindows => _tables.SharesWindows;

    /// <summary>Bytes that count as locked memory for a window's table; 0 when there is no such table.</summary>
    /// <param name="pageSize">Bytes of the window's pages.</param>
    /// <param name="size">Bytes of the window.</param>
    /// <param name="levels">Levels of its table.</param>
    public ulong GetTableSize(ulong pageSize, ulong size, uint levels) => levels > MaxLevels ? 0 : _tables.GetTableSize((uint)BitOperations.Log2(pageSize), size, levels);

    /// <summary>Reads a group's windows; the registry's lock is held. Null off POWER.</summary>
    internal static EndpointWindows? Read(IommuGroup group)
    {
        if (group.Platform.Tables is not { } tables) return null;
        List<WindowUse> windows = [];

        // As an access: a window that is removed meanwhile keeps its table until this is over.
        int epoch = tables.Domain.BeginAccess();
        for (int slot = 0; slot < TceDomain.MaxWindows; slot++)
        {
            if (tables.Domain[slot] is not { } window) continue;
            TceTable table = window.Table;
            windows.Add(new WindowUse(window.Start, window.Size, 1UL << window.PageShift, table.Levels, table.CountEntries(window.Size >> window.PageShift), table.AllocatedBytes));
        }

        tables.Domain.EndAccess(epoch);
        return new EndpointWindows(group, tables, windows);
    }

    /// <summary>Reads the entries of a group's tables that are not empty; the registry's lock is held.</summary>
    internal static IReadOnlyList<WindowEntry> ReadEntries(IommuGroup group)
    {
        if (group.Platform.Tables is not { } tables) return [];
        List<WindowEntry> entries = [];
        int epoch = tables.Domain.BeginAccess();
        for (int slot = 0; slot < TceDomain.MaxWindows; slot++)
        {
            if (tables.Domain[slot] is not { } window) continue;
            ulong pageSize = 1UL << window.PageShift;
            for (ulong index = 0; window.Table.TryNext(ref index, window.Size >> window.PageShift); index++)
            {
                ulong tce = window.Table.Read(index);
                entries.Add(new WindowEntry(
                    window.Start + (index << window.PageShift), pageSize, tce & ~(pageSize - 1), (DmaAccess)(tce & (ulong)TcePermission.ReadWrite)));
            }
        }

        tables.Domain.EndAccess(epoch);
        return entries;
    }
}
