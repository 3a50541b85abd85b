// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Spapr;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Pci;

/// <summary>A device on a bus of the guest: emulated by the monitor, or assigned from the host.</summary>
/// <remarks>Calls come one at a time, with the machine's lock held, except accesses to the regions of its BARs.</remarks>
public abstract class GuestPciDevice : IMessageDevice
{
    private readonly BarSet _bars;
    private GuestPciBus? _bus;
    private bool _holdsLine;
    private bool _wantsLine;

    /// <summary>Makes a device that is on no bus yet.</summary>
    /// <param name="id">Its name, for messages.</param>
    protected GuestPciDevice(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        Id = id;
        Config = new ConfigImage();
        _bars = new BarSet(Config, OnBarPlacing);
    }

    /// <summary>Its name: the property <c>id</c>.</summary>
    public string Id { get; }

    /// <summary>The bus it is on; null: none.</summary>
    public GuestPciBus? Bus => _bus;

    /// <summary>Device and function number on the bus, in one byte.</summary>
    public byte Function { get; private set; }

    /// <summary>Bytes of its configuration space: 256, or 4096 with extended configuration space.</summary>
    public int ConfigSize { get; protected set; } = ConfigOffset.ConventionalSize;

    /// <summary>Its base address registers, the ROM's among them.</summary>
    public IReadOnlyList<GuestBar> Bars => _bars.All;

    /// <summary>The line of the bus that its pin leads to, 0 to 3; -1: it has no pin.</summary>
    public int InterruptLine => InterruptPin == 0 ? -1 : ((Function >> 3) + InterruptPin - 1) & 3;

    /// <inheritdoc/>
    public abstract int MsiVectors { get; }

    /// <inheritdoc/>
    public abstract int MsixVectors { get; }

    /// <summary>The configuration bytes that the monitor keeps.</summary>
    protected ConfigImage Config { get; }

    /// <summary>1 to 4 for INTA to INTD; 0: it has none.</summary>
    protected virtual int InterruptPin => Config.Bytes[ConfigOffset.InterruptPin];

    /// <summary>A configuration read, within the configuration space.</summary>
    /// <param name="offset">Register.</param>
    /// <param name="width">1, 2 or 4 bytes.</param>
    public virtual uint ReadConfig(int offset, int width) => Config.Read(offset, width);

    /// <summary>A configuration write, within the configuration space.</summary>
    /// <param name="offset">Register.</param>
    /// <param name="width">1, 2 or 4 bytes.</param>
    /// <param name="value">What is written.</param>
    public virtual void WriteConfig(int offset, int width, uint value)
    {
        Config.Write(offset, width, value);
        ConfigWritten(offset, width);
    }

    /// <summary>The machine or the bus is reset.</summary>
    public abstract void Reset();

    /// <inheritdoc/>
    public abstract void SetMessage(bool isMsix, int vector, ulong address, uint data);

    /// <inheritdoc/>
    public override string ToString() => Id;

    /// <summary>It is on a bus now and begins to work; what it throws takes it off again.</summary>
    protected internal abstract void Start();

    /// <summary>It is about to leave its bus and lets go of all it has.</summary>
    protected internal abstract void Stop();

    /// <summary>Its interrupt line leads elsewhere.</summary>
    protected internal virtual void OnIntxRouteChanged()
    {
    }

    /// <summary>The guest has finished with an interrupt of its line.</summary>
    protected internal virtual void OnEndOfInterrupt()
    {
    }

    /// <summary>A base address register's region is about to appear at its address.</summary>
    protected virtual void OnBarPlacing(GuestBar bar)
    {
    }

    /// <summary>Gives a base address register its region.</summary>
    protected void AddBar(GuestBar bar) => _bars.Add(bar);

    /// <summary>The base address register with an index; null: it has none.</summary>
    protected GuestBar? FindBar(int index) => _bars.Find(index);

    /// <summary>After a write of the image: places BARs, and lets COMMAND act on the interrupt line.</summary>
    protected void ConfigWritten(int offset, int width)
    {
        if (_bus is null) return;
        bool bars = Overlaps(offset, width, ConfigOffset.Bar0, ConfigOffset.BarsEnd - ConfigOffset.Bar0) || Overlaps(offset, width, ConfigOffset.RomBar, 4);
        bool command = Overlaps(offset, width, ConfigOffset.Command, 2);
        if (bars || command) _bars.Place(_bus);
        if (command) DriveLine();
    }

    /// <summary>Raises or lowers its interrupt line. Others may hold the same line up.</summary>
    protected void SetIntx(bool asserted)
    {
        _wantsLine = asserted;
        DriveLine();
    }

    /// <summary>Sends a message interrupt: a write of the device to its bus.</summary>
    protected void Send(MsiMessage message) => _bus?.Dma.Store(new GuestPhysicalAddress(message.Address), sizeof(uint), message.Data);

    /// <summary>COMMAND and the base address registers as they are after a reset; the regions leave the bus.</summary>
    protected void ResetHeader()
    {
        Config.Write(ConfigOffset.Command, 2, 0);
        _bars.Clear();
        if (_bus is not null) _bars.Place(_bus);
        SetIntx(false);
    }

    /// <summary>Whether two ranges of registers meet.</summary>
    protected static bool Overlaps(int offset, int width, int start, int length) => offset < start + length && start < offset + width;

    /// <summary>Takes the regions of its BARs off the bus.</summary>
    protected void RemoveBars()
    {
        if (_bus is not null) _bars.TakeAway(_bus);
    }

    internal void Attach(GuestPciBus bus, byte function) => (_bus, Function) = (bus, function);

    internal void Detach()
    {
        if (_bus is null) return;
        SetIntx(false);
        _bars.TakeAway(_bus);
        _bus = null;
    }

    private void DriveLine()
    {
        bool holds = _wantsLine && InterruptLine >= 0 && (Config.Command & PciCommand.IntxDisable) == 0;
        if (holds == _holdsLine || _bus is null) return;
        _holdsLine = holds;
        _bus.HoldLine(InterruptLine, holds);
    }
}
