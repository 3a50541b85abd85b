// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>What ibm,query-pe-dma-window answers.</summary>
/// <param name="WindowsAvailable">Windows that can still be made.</param>
/// <param name="LargestBlock">Entries of the largest one, as the short form of the call says it.</param>
/// <param name="PageSizes">Page sizes in RTAS' bits.</param>
public readonly record struct WindowQuery(uint WindowsAvailable, uint LargestBlock, uint PageSizes)
{
    /// <summary>Entries of the largest one, as the long form of the call says it: of 2 MiB pages, below the place of the second window.</summary>
    public const ulong LargestBlockOfAll = 1UL << 37;
}

/// <summary>
/// The pseries machine's PCI host bridge: a bus, the windows by which the guest's processors reach it, the DMA windows by
/// which its devices reach the guest, and their interrupts (hw/ppc/spapr_pci.c, spapr_rtas_ddw.c).
/// </summary>
/// <remarks>Calls come one at a time, with the machine's lock held.</remarks>
public sealed partial class PseriesHostBridge : IInterruptLines, IMmioHandler
{
    private const int Windows = 2;
    private const int DefaultPageShift = 12;
    private const ulong FirstBuid = 0x0800_0000_2000_0000;
    private const uint FirstLiobn = 0x8000_0000;
    private const uint QueriedBlock = 0x8000_0000;
    private const ulong MessageWindowBytes = 0x1_0000;

    // LoPAR: the page sizes of ibm,query-pe-dma-window.
    private static readonly (int Shift, uint Bit)[] s_pageSizeBits =
        [(12, 0x1), (16, 0x2), (24, 0x4), (25, 0x8), (26, 0x10), (27, 0x20), (28, 0x40), (34, 0x80), (21, 0x100)];

    private readonly GuestTceTable[] _windows = new GuestTceTable[Windows];
    private readonly SpaprIommuRegion?[] _regions = new SpaprIommuRegion?[Windows];
    private readonly IInterruptController _interrupts;
    private readonly GuestAddressSpace _memory;
    private readonly ContainerRegion _dma;
    private int _levels;

    internal PseriesHostBridge(HostBridgeOptions options, PseriesFirmware firmware)
    {
        Options = options;
        _interrupts = firmware.Interrupts;
        _memory = firmware.Memory;
        Interrupts = new MessageInterrupts(options.Index, firmware.Numbers);
        Errors = new EndpointErrors(this, firmware);

        MemoryTopology topology = firmware.Memory.Topology;
        string name = options.Index == 0 ? "pci.0" : $"pci.{options.Index}";
        var memory = new ContainerRegion(topology, $"{name} memory", ulong.MaxValue);
        var ports = new ContainerRegion(topology, $"{name} ports", HostBridgeOptions.IoWindowBytes);
        _dma = new ContainerRegion(topology, $"{name} DMA", ulong.MaxValue);
        using (topology.Change())
        {
            AddWindow(firmware.System, memory, HostBridgeOptions.MemoryWindowOnBus, options.MemoryWindow, options.MemoryWindowBytes);
            AddWindow(firmware.System, memory, options.Memory64Window.Value, options.Memory64Window, options.Memory64WindowBytes);
            AddWindow(firmware.System, ports, 0, options.IoWindow, HostBridgeOptions.IoWindowBytes);
            _dma.Add(new MmioRegion(topology, $"{name} messages", MessageWindowBytes, this), MessageInterrupts.Window, priority: 1);
        }

        Bus = new GuestPciBus(name, memory, ports, new GuestAddressSpace(topology, _dma), this, firmware.Events) { Acceleration = firmware.InterruptAcceleration };
        Bus.DevicePlugged += Plugged;
        for (int i = 0; i < Windows; i++)
        {
            _windows[i] = firmware.Tces.Add(FirstLiobn | ((uint)options.Index << 8) | (uint)i);
            _windows[i].EnabledChanged += Show;
        }

        RestoreDefaultWindow();
    }

    /// <summary>Its properties.</summary>
    public HostBridgeOptions Options { get; }

    /// <summary>The bus unit's id, by which RTAS calls name the bridge.</summary>
    public ulong Buid => FirstBuid + (ulong)Options.Index;

    /// <summary>Its bus.</summary>
    public GuestPciBus Bus { get; }

    /// <summary>The two windows it can have, enabled or not.</summary>
    public IReadOnlyList<GuestTceTable> DmaWindows => _windows;

    /// <summary>Message interrupts and pins of its devices.</summary>
    public MessageInterrupts Interrupts { get; }

    /// <summary>Errors of its devices (EEH).</summary>
    public EndpointErrors Errors { get; }

    /// <inheritdoc/>
    bool IInterruptLines.ReportsEndOfInterrupt => _interrupts.ReportsEndOfInterrupt;

    private int ActiveWindows => _windows.Count(window => window.PageCount != 0);

    /// <summary>The bridge's line, 0 to 3, that a pin of a slot leads to (INTA is 0).</summary>
    public static int LineOf(int slot, int pin) => (slot + pin) & 3;

    /// <summary>The device with a configuration address; null: there is none. All are on the bridge's own bus, 0.</summary>
    public GuestPciDevice? FindDevice(uint configAddress) => (configAddress & 0x00ff_0000) == 0 ? Bus.Find((byte)(configAddress >> 8)) : null;

    /// <summary>
    /// The machine is reset: devices are, nobody has interrupt numbers, only the default window is there, empty, and what
    /// was frozen works (spapr_phb_reset).
    /// </summary>
    public void Reset()
    {
        Bus.Reset();
        Interrupts.Reset();
        RestoreDefaultWindow();
        Errors.Thaw();
    }

    /// <summary>The guest has finished with an interrupt: devices whose pins lead to it look again.</summary>
    /// <param name="number">The interrupt's number.</param>
    public void EndOfInterrupt(int number)
    {
        int line = number - Interrupts.NumberOfPin(0);
        if (line is >= 0 and < 4) Bus.EndOfInterrupt(line);
    }

    /// <summary>ibm,query-pe-dma-window.</summary>
    public RtasStatus QueryWindows(out WindowQuery query)
    {
        query = default;
        if (!Options.HasDynamicWindows) return RtasStatus.ParameterError;
        uint sizes = 0;
        foreach ((int shift, uint bit) in s_pageSizeBits)
            if ((Options.PageSizes & (1UL << shift)) != 0) sizes |= bit;
        query = new WindowQuery((uint)(Options.MostWindows - ActiveWindows), QueriedBlock, sizes);
        return RtasStatus.Success;
    }

    /// <summary>ibm,create-pe-dma-window.</summary>
    /// <param name="pageShift">Page size as a power of two.</param>
    /// <param name="windowShift">Window size as a power of two.</param>
    /// <param name="window">The window made.</param>
    public RtasStatus CreateWindow(uint pageShift, uint windowShift, out GuestTceTable? window)
    {
        window = null;
        if (!Options.HasDynamicWindows || pageShift > 63 || windowShift > 63) return RtasStatus.ParameterError;
        if ((Options.PageSizes & (1UL << (int)pageShift)) == 0 || windowShift < pageShift) return RtasStatus.ParameterError;
        GuestTceTable? free = ActiveWindows < Options.MostWindows ? _windows.First(candidate => candidate.PageCount == 0) : null;
        ulong pages = 1UL << (int)(windowShift - pageShift);

        // The table counts its entries in 32 bits: more is none, and a window without entries is a hardware error.
        if (free is null || pages > uint.MaxValue) return RtasStatus.HardwareError;

        // Beside a window that has the second place already QEMU puts another at the same; here it gets the first.
        GuestTceTable? other = _windows.FirstOrDefault(candidate => candidate.PageCount != 0);
        Iova start = other is null || other.Start == Options.DynamicWindowStart ? Options.DefaultWindowStart : Options.DynamicWindowStart;
        if (other is not null && Overlap(other, start, pages << (int)pageShift)) return RtasStatus.HardwareError;
        free.Enable((int)pageShift, start, pages, isDefault: false);
        window = free;
        return RtasStatus.Success;
    }

    /// <summary>ibm,remove-pe-dma-window. The last one that is not the default brings the default back.</summary>
    public RtasStatus RemoveWindow(GuestTceTable window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (!Options.HasDynamicWindows || !_windows.Contains(window) || window.PageCount == 0) return RtasStatus.ParameterError;
        bool wasDefault = window.IsDefault;
        using (_dma.Topology.Change())
        {
            window.Disable();
            if (ActiveWindows == 0 && !wasDefault) RestoreDefaultWindow();
        }

        return RtasStatus.Success;
    }

    /// <summary>ibm,reset-pe-dma-window.</summary>
    public RtasStatus ResetWindows()
    {
        if (!Options.HasDynamicWindows) return RtasStatus.ParameterError;
        RestoreDefaultWindow();
        return RtasStatus.Success;
    }

    /// <inheritdoc/>
    IntxRoute IInterruptLines.RouteOf(int line) => new(IntxRouteMode.Enabled, Interrupts.NumberOfPin(line));

    /// <inheritdoc/>
    void IInterruptLines.SetLevel(int line, bool asserted) => SetLevel(line, asserted);

    private void SetLevel(int line, bool asserted)
    {
        _levels = asserted ? _levels | (1 << line) : _levels & ~(1 << line);
        _interrupts.SetLevel(Interrupts.NumberOfPin(line), asserted);
    }

    // The messages' window: an interrupt's number is the data that is written (spapr_msi_write); nothing is read there.
    ulong IMmioHandler.Read(ulong offset, int width) => 0;

    void IMmioHandler.Write(ulong offset, int width, ulong value) => _interrupts.Deliver(new MsiMessage(MessageInterrupts.Window + offset, (uint)value));

    private static void AddWindow(ContainerRegion system, MemoryRegion shown, ulong from, GuestPhysicalAddress at, ulong bytes)
    {
        if (bytes != 0) system.Add(new AliasRegion(system.Topology, $"{shown.Name} at {at}", shown, from, bytes), at.Value);
    }

    private static bool Overlap(GuestTceTable window, Iova start, ulong bytes) =>
        window.Start.Value <= start.Value + (bytes - 1) && start.Value <= window.Start.Value + ((window.PageCount << window.PageShift) - 1);

    private static uint ConfigAddressOf(GuestPciDevice device) => (uint)device.Function << 8;

    private void RestoreDefaultWindow()
    {
        using (_dma.Topology.Change())
        {
            foreach (GuestTceTable window in _windows) window.Disable();
            _windows[0].Enable(DefaultPageShift, Options.DefaultWindowStart, Options.DefaultWindowBytes >> DefaultPageShift, isDefault: true);
        }
    }

    // A region for each time that a window is enabled.
    private void Show(GuestTceTable window, bool isEnabled)
    {
        ref SpaprIommuRegion? region = ref _regions[Array.IndexOf(_windows, window)];
        if (isEnabled)
        {
            region = new SpaprIommuRegion(_dma.Topology, _memory, window);
            _dma.Add(region, window.Start.Value);
        }
        else if (region is not null)
        {
            _dma.Remove(region);
            region.Dispose();
            region = null;
        }
    }

    private void Plugged(GuestPciDevice device, bool isThere)
    {
        if (isThere) Interrupts.Add(ConfigAddressOf(device), device);
        else Interrupts.Remove(ConfigAddressOf(device));
    }
}
