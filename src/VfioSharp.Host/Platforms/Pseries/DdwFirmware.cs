// SPDX-License-Identifier: MIT
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Platforms.Pseries;

/// <summary>What RTAS calls return (LoPAR, table of call status values).</summary>
internal enum RtasStatus
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>The hardware, or what plays it, could not.</summary>
    HardwareError = -1,

    /// <summary>A parameter is wrong.</summary>
    ParameterError = -3,
}

/// <summary>What hypercalls return (PAPR, H_ codes).</summary>
internal enum HypercallStatus
{
    /// <summary>H_SUCCESS.</summary>
    Success = 0,

    /// <summary>H_PARAMETER.</summary>
    Parameter = -4,

    /// <summary>H_RESOURCE.</summary>
    Resource = -16,
}

/// <summary>What ibm,query-pe-dma-windows says of an endpoint.</summary>
/// <param name="WindowsAvailable">Windows that can still be made.</param>
/// <param name="LargestBlock">Entries of the largest.</param>
/// <param name="PageSizes">Page sizes in RTAS' bits.</param>
internal readonly record struct DdwQuery(uint WindowsAvailable, ulong LargestBlock, uint PageSizes);

/// <summary>A DMA window of the hypervisor, named by its liobn.</summary>
/// <param name="Liobn">Logical I/O bus number.</param>
/// <param name="Window">Where it is and its entries.</param>
internal sealed record HypervisorWindow(uint Liobn, TceWindow Window);

/// <summary>
/// The hypervisor's side of an endpoint: its windows' tables, RTAS calls that make and remove them, hypercalls that
/// set entries. Answers as QEMU 11 does (hw/ppc/spapr_rtas_ddw.c, spapr_iommu.c); another firmware would be another
/// class. Thread-safe.
/// </summary>
internal sealed class DdwFirmware
{
    // The default window's pages, and where a dynamic one begins.
    private const int DefaultPageShift = 12;
    private const ulong DynamicStart = 0x0800_0000_0000_0000;

    // spapr_rtas_ddw.c: the entries of 2 MiB pages below the dynamic windows' end; a table counts them in 32 bits.
    private const ulong LargestBlock = 1UL << 37;

    // Bits of ibm,query-pe-dma-windows by page shift (LoPAR).
    private static readonly (int Shift, uint Bit)[] s_pageSizeBits =
        [(12, 0x1), (16, 0x2), (24, 0x4), (25, 0x8), (26, 0x10), (27, 0x20), (28, 0x40), (34, 0x80), (21, 0x100)];

    // Guards the windows. After a container's lock; DMA never takes it.
    private readonly RankedLock _lock = new(LockRank.Firmware);
    private readonly TceDomain _domain;
    private readonly uint _liobn;
    private readonly ulong _defaultStart;
    private readonly ulong _defaultSize;
    private readonly ulong _pageSizes;
    private readonly uint _windows;
    private HypervisorWindow? _default;
    private HypervisorWindow? _dynamic;

    /// <summary>An endpoint with its default window, that may have <paramref name="windows"/> at a time.</summary>
    public DdwFirmware(TceDomain domain, uint liobn, ulong defaultStart, ulong defaultSize, ulong pageSizes, int windows)
    {
        _windows = (uint)windows;
        _domain = domain;
        _liobn = liobn;
        _defaultStart = defaultStart;
        _defaultSize = defaultSize;
        _pageSizes = pageSizes;
        RestoreDefault();
    }

    /// <summary>The page sizes of a query's answer as a bitmap of bytes.</summary>
    public static ulong PageSizesOf(uint queried)
    {
        ulong mask = 0;
        foreach ((int shift, uint bit) in s_pageSizeBits)
        {
            if ((queried & bit) != 0) mask |= 1UL << shift;
        }

        return mask;
    }

    /// <summary>ibm,query-pe-dma-windows.</summary>
    public RtasStatus Query(out DdwQuery query)
    {
        using (_lock.EnterScope())
        {
            uint bits = 0;
            foreach ((int shift, uint bit) in s_pageSizeBits)
            {
                if ((_pageSizes >> shift & 1) != 0) bits |= bit;
            }

            query = new DdwQuery(_windows - Used, LargestBlock, bits);
            return RtasStatus.Success;
        }
    }

    /// <summary>ibm,create-pe-dma-window.</summary>
    public RtasStatus CreateWindow(uint pageShift, uint windowShift, out HypervisorWindow? window)
    {
        window = null;
        using (_lock.EnterScope())
        {
            if (pageShift >= 64 || (_pageSizes >> (int)pageShift & 1) == 0 || windowShift < pageShift) return RtasStatus.ParameterError;

            // One dynamic window, beside the default one where there may be two; its entries are counted in 32 bits.
            if (_dynamic is not null || Used >= _windows || windowShift - pageShift >= 32) return RtasStatus.HardwareError;
            if (TceTable.TryCreate(1, (int)(windowShift - pageShift)) is not { } table) return RtasStatus.HardwareError;
            window = _dynamic = new HypervisorWindow(_liobn + 1, new TceWindow(DynamicStart, 1UL << (int)windowShift, (int)pageShift, table));
            _domain.Set(1, _dynamic.Window);
            return RtasStatus.Success;
        }
    }

    /// <summary>ibm,remove-pe-dma-window.</summary>
    public RtasStatus RemoveWindow(uint liobn)
    {
        using (_lock.EnterScope())
        {
            if (_dynamic is not null && _dynamic.Liobn == liobn)
            {
                Remove(1, ref _dynamic);

                // LoPAR: removing the last window, when it is not the default one, brings that back.
                if (_default is null) RestoreDefault();
                return RtasStatus.Success;
            }

            if (_default is null || _default.Liobn != liobn) return RtasStatus.ParameterError;
            Remove(0, ref _default);
            return RtasStatus.Success;
        }
    }

    /// <summary>ibm,reset-pe-dma-windows: the default window alone, empty.</summary>
    public RtasStatus Reset()
    {
        using (_lock.EnterScope())
        {
            if (_dynamic is not null) Remove(1, ref _dynamic);
            if (_default is not null) Remove(0, ref _default);
            RestoreDefault();
            return RtasStatus.Success;
        }
    }

    /// <summary>The default window, as firmware has it now.</summary>
    public HypervisorWindow? Default
    {
        get
        {
            using (_lock.EnterScope()) return _default;
        }
    }

    /// <summary>H_GET_TCE and H_PUT_TCE in one: exchanges an entry at a bus address.</summary>
    public HypercallStatus Exchange(HypervisorWindow window, ulong address, ulong tce, out ulong old)
    {
        old = 0;
        using (_lock.EnterScope())
        {
            if (!Has(window)) return HypercallStatus.Parameter;
            TceWindow place = window.Window;
            ulong offset = unchecked(address - place.Start);
            if (offset >= place.Size) return HypercallStatus.Parameter;
            return place.Table.TryExchange(offset >> place.PageShift, tce, out old) ? HypercallStatus.Success : HypercallStatus.Resource;
        }
    }

    /// <summary>Moves to the next entry of a window that is not clear; false when there is none before the end.</summary>
    public bool TryNext(HypervisorWindow window, ref ulong index, ulong end)
    {
        using (_lock.EnterScope()) return Has(window) && window.Window.Table.TryNext(ref index, Math.Min(end, window.Window.Table.Capacity));
    }

    /// <summary>Clears a window's entries.</summary>
    public void Clear(uint liobn)
    {
        using (_lock.EnterScope())
        {
            if ((_default?.Liobn == liobn ? _default : _dynamic?.Liobn == liobn ? _dynamic : null) is { } window) window.Window.Table.Clear(0, window.Window.Table.Capacity);
        }

        _domain.WaitForAccesses();
    }

    /// <summary>Whether the hypervisor still has this window.</summary>
    public bool IsThere(HypervisorWindow window)
    {
        using (_lock.EnterScope()) return Has(window);
    }

    /// <summary>The endpoint is gone, and its windows with it.</summary>
    public void RemoveAll()
    {
        using (_lock.EnterScope())
        {
            if (_dynamic is not null) Remove(1, ref _dynamic);
            if (_default is not null) Remove(0, ref _default);
        }
    }

    private uint Used => (_default is null ? 0u : 1) + (_dynamic is null ? 0u : 1);

    private bool Has(HypervisorWindow window) => ReferenceEquals(window, _default) || ReferenceEquals(window, _dynamic);

    private void RestoreDefault()
    {
        int bits = System.Numerics.BitOperations.Log2(_defaultSize) - DefaultPageShift;
        if (TceTable.TryCreate(1, bits) is not { } table) return;
        _default = new HypervisorWindow(_liobn, new TceWindow(_defaultStart, _defaultSize, DefaultPageShift, table));
        _domain.Set(0, _default.Window);
    }

    private void Remove(int slot, ref HypervisorWindow? window)
    {
        TceTable table = window!.Window.Table;
        window = null;
        _domain.Set(slot, null);
        table.Dispose();
    }
}
