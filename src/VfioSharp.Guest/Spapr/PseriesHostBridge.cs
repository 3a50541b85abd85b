// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>What ibm,query-pe-dma-window answers.</summary>
/// <param name="WindowsAvailable">Windows that can still be made.</param>
/// <param name="LargestBlock">Entries of the largest one, as the short form of the call says it.</param>
/// <param name="PageSizes">Page sizes in RTAS' bits.</param>
public readonly record struct WindowQuery(uint WindowsAvailable, uint LargestBlock, uint PageSizes);

/// <summary>
/// The pseries machine's PCI host bridge: the guest's windows and the RTAS calls that query, make, remove and restore
/// them (hw/ppc/spapr_pci.c, spapr_rtas_ddw.c). Calls come one at a time.
/// </summary>
public sealed class PseriesHostBridge
{
    private const int MostBridges = 31;
    private const int Windows = 2;
    private const int DefaultPageShift = 12;
    private const ulong FirstBuid = 0x0800_0000_2000_0000;
    private const uint FirstLiobn = 0x8000_0000;
    private const uint QueriedBlock = 0x8000_0000;

    // LoPAR: the page sizes of ibm,query-pe-dma-window.
    private static readonly (int Shift, uint Bit)[] s_pageSizeBits =
        [(12, 0x1), (16, 0x2), (24, 0x4), (25, 0x8), (26, 0x10), (27, 0x20), (28, 0x40), (34, 0x80), (21, 0x100)];

    private readonly HostBridgeOptions _options;
    private readonly GuestTceTable[] _windows = new GuestTceTable[Windows];

    /// <summary>Makes a bridge, with its default window.</summary>
    /// <param name="options">Its properties.</param>
    /// <param name="hypercalls">The machine's: the windows are entered there.</param>
    /// <param name="interrupts">The machine's interrupt numbers.</param>
    public PseriesHostBridge(HostBridgeOptions options, TceHypercalls hypercalls, InterruptNumbers interrupts)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(hypercalls);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.Index, (uint)MostBridges, nameof(options));
        _options = options;
        for (uint i = 0; i < Windows; i++) _windows[i] = hypercalls.Add(FirstLiobn | ((uint)options.Index << 8) | i);
        Interrupts = new MessageInterrupts(options.Index, interrupts);
        Reset();
    }

    /// <summary>The bus unit's id, by which RTAS calls name the bridge.</summary>
    public ulong Buid => FirstBuid + (ulong)_options.Index;

    /// <summary>The two windows it can have, enabled or not.</summary>
    public IReadOnlyList<GuestTceTable> DmaWindows => _windows;

    /// <summary>Message interrupts and pins of its devices.</summary>
    public MessageInterrupts Interrupts { get; }

    private int ActiveWindows => _windows.Count(window => window.PageCount != 0);

    /// <summary>The machine is reset, or the guest asks (ibm,reset-pe-dma-window): only the default window is there, empty.</summary>
    public void Reset()
    {
        foreach (GuestTceTable window in _windows) window.Disable();
        _windows[0].Enable(DefaultPageShift, _options.DefaultWindowStart, _options.DefaultWindowBytes >> DefaultPageShift, isDefault: true);
    }

    /// <summary>ibm,query-pe-dma-window.</summary>
    public RtasStatus QueryWindows(out WindowQuery query)
    {
        query = default;
        if (!_options.HasDynamicWindows) return RtasStatus.ParameterError;
        uint sizes = 0;
        foreach ((int shift, uint bit) in s_pageSizeBits)
            if ((_options.PageSizes & (1UL << shift)) != 0) sizes |= bit;
        query = new WindowQuery((uint)(Windows - ActiveWindows), QueriedBlock, sizes);
        return RtasStatus.Success;
    }

    /// <summary>ibm,create-pe-dma-window.</summary>
    /// <param name="pageShift">Page size as a power of two.</param>
    /// <param name="windowShift">Window size as a power of two.</param>
    /// <param name="window">The window made.</param>
    public RtasStatus CreateWindow(uint pageShift, uint windowShift, out GuestTceTable? window)
    {
        window = null;
        if (!_options.HasDynamicWindows || pageShift > 63 || windowShift > 63) return RtasStatus.ParameterError;
        if ((_options.PageSizes & (1UL << (int)pageShift)) == 0 || windowShift < pageShift) return RtasStatus.ParameterError;
        GuestTceTable? free = _windows.FirstOrDefault(candidate => candidate.PageCount == 0);
        ulong pages = 1UL << (int)(windowShift - pageShift);

        // The table counts its entries in 32 bits: more is none, and a window without entries is a hardware error.
        if (free is null || pages > uint.MaxValue) return RtasStatus.HardwareError;
        Iova start = ActiveWindows == 0 ? _options.DefaultWindowStart : _options.DynamicWindowStart;
        free.Enable((int)pageShift, start, pages, isDefault: false);
        window = free;
        return RtasStatus.Success;
    }

    /// <summary>ibm,remove-pe-dma-window. The last one that is not the default brings the default back.</summary>
    public RtasStatus RemoveWindow(GuestTceTable window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (!_options.HasDynamicWindows || !_windows.Contains(window) || window.PageCount == 0) return RtasStatus.ParameterError;
        bool wasDefault = window.IsDefault;
        window.Disable();
        if (ActiveWindows == 0 && !wasDefault) Reset();
        return RtasStatus.Success;
    }

    /// <summary>ibm,reset-pe-dma-window.</summary>
    public RtasStatus ResetWindows()
    {
        if (!_options.HasDynamicWindows) return RtasStatus.ParameterError;
        Reset();
        return RtasStatus.Success;
    }
}
