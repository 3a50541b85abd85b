// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Kernel;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// A device of the host that the guest has (QEMU's vfio-pci): its configuration space mixed of real and emulated bits,
/// its BARs mapped where they can be, its interrupts delivered to the guest. <see cref="AssignedDevices.Add(string, GuestPciBus, bool)"/> makes one.
/// </summary>
/// <remarks>
/// Called with the machine's lock held, except accesses to the regions of its BARs. When it is unplugged no thread may be
/// accessing its BARs: the monitor has the guest give the device up before.
/// </remarks>
public sealed class AssignedPciDevice : GuestPciDevice
{
    private readonly AssignedDevices _machine;
    private readonly AssignedDeviceOptions _options;
    private readonly List<AssignedBar> _bars = [];
    private OpenedDevice? _opened;
    private AssignedConfigSpace? _space;
    private AssignedCapabilities? _capabilities;
    private AssignedRom? _rom;
    private MsiInterrupts? _msi;
    private MsixInterrupts? _msix;
    private DeviceEvents? _events;

    // Read by accesses to slow BARs, on any thread.
    private volatile IntxInterrupt? _intx;

    internal AssignedPciDevice(AssignedDevices machine, AssignedDeviceOptions options)
        : base(options.Id ?? (options.Host is { } host ? host.ToString() : options.SysfsDevice!))
    {
        _machine = machine;
        _options = options;
        Host = options.Host ?? machine.Host.Resolve(options.SysfsDevice!);
    }

    /// <summary>Where it is on the host.</summary>
    public PciAddress Host { get; }

    /// <summary>Its place in the order of boot; null: it has none.</summary>
    public int? BootIndex => _options.BootIndex;

    /// <summary>The device on the host, and what it is used through; null: it is on no bus.</summary>
    public OpenedDevice? Opened => _opened;

    /// <summary>Which interrupts are on.</summary>
    public AssignedInterruptMode InterruptMode { get; private set; }

    /// <inheritdoc/>
    public override int MsiVectors => _msi?.Capability.Vectors ?? 0;

    /// <inheritdoc/>
    public override int MsixVectors => _msix?.Table.Vectors ?? 0;

    internal DeviceReset? HostReset { get; private set; }

    /// <summary>What stands behind it now.</summary>
    public AssignedDeviceStatus Describe()
    {
        (int vectors, int accelerated) = InterruptMode switch
        {
            AssignedInterruptMode.Intx => (1, _intx!.IsAccelerated ? 1 : 0),
            AssignedInterruptMode.Msi => (_msi!.InUse, _msi.Accelerated),
            AssignedInterruptMode.Msix => (_msix!.InUse, _msix.Accelerated),
            _ => (0, 0),
        };
        return new AssignedDeviceStatus(
            Id, Host, _opened?.GroupNumber ?? -1, $"{_opened?.BackEnd} ({_opened?.Container})", _opened?.Owner ?? "nobody",
            InterruptMode, vectors, accelerated, Bus?.Acceleration?.Name, BootIndex);
    }

    /// <inheritdoc/>
    public override uint ReadConfig(int offset, int width) => _space!.Read(offset, width);

    /// <inheritdoc/>
    public override void WriteConfig(int offset, int width, uint value)
    {
        _space!.WriteReal(offset, width, value);
        bool msiWasOn = _msi is { Capability.IsEnabled: true };
        bool msixWasOn = _msix is { Table.IsEnabled: true };
        Config.Write(offset, width, value);
        ConfigWritten(offset, width);
        if (_msi is { } msi && Overlaps(offset, width, msi.Capability.Position, msi.Capability.Length)) MsiWritten(msi, msiWasOn);
        if (_msix is { } msix && Overlaps(offset, width, _capabilities!.Msix, PciMsix.Sizeof)) MsixWritten(msix, msixWasOn);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        PrepareHostReset();
        HostReset!.ResetAlone();
        ResetHeader();
        _msi?.Capability.Reset();
        _msix?.Table.Reset();
        FinishHostReset();
    }

    /// <inheritdoc/>
    public override void SetMessage(bool isMsix, int vector, ulong address, uint data)
    {
        if (isMsix)
        {
            _msix!.Table.SetMessage(vector, new MsiMessage(address, data));
            return;
        }

        _msi!.Capability.SetMessage(new MsiMessage(address, data));
        _msi.Written();
    }

    /// <inheritdoc/>
    protected internal override void Start()
    {
        try
        {
            Open();
        }
        catch (VfioException exception)
        {
            Stop();
            throw new DeviceAssignmentException($"device {Host} cannot be assigned: {exception.Message}", exception.Remedy, exception);
        }
        catch
        {
            Stop();
            throw;
        }
    }

    /// <inheritdoc/>
    protected internal override void Stop()
    {
        _machine.Stopped(this);
        _events?.Release();
        DisableInterrupts();
        RemoveBars();
        foreach (AssignedBar bar in _bars) bar.Dispose();
        _bars.Clear();
        _rom?.Release();
        if (_opened is { } opened) _machine.Host.Close(opened);
        _opened = null;
    }

    /// <inheritdoc/>
    protected internal override void OnIntxRouteChanged() => _intx?.UpdateRoute();

    /// <inheritdoc/>
    protected internal override void OnEndOfInterrupt() => _intx?.EndOfInterrupt();

    /// <inheritdoc/>
    protected override void OnBarPlacing(GuestBar bar)
    {
        if (bar.Address is { } address && bar.Index < PciConfigSpace.BarCount) _bars.Find(one => one.Index == bar.Index)!.FitTo(address);
    }

    internal void Warn(string message)
    {
        if (Bus is not { } bus) return;
        lock (bus.Events.Gate) _machine.Events.OnWarning(this, message);
    }

    internal void DriveLine(bool asserted) => SetIntx(asserted);

    internal void SendMessage(MsiMessage message) => Send(message);

    internal void OnSlowAccess() => _intx?.OnSlowAccess();

    internal void ShowMapped(bool shown)
    {
        if (_bars.Count == 0) return;
        using (Bus!.Memory.Topology.Change())
            foreach (AssignedBar bar in _bars) bar.ShowMapped(shown);
    }

    /// <summary>Before a reset on the host: no interrupts, awake, and no DMA under way (vfio_pci_pre_reset).</summary>
    internal void PrepareHostReset()
    {
        DisableInterrupts();
        if (_capabilities!.PowerManagement is > 0 and int power)
        {
            uint control = _space!.ReadReal(power + PciPm.Ctrl, 2);
            if ((control & PciPm.CtrlStateMask) != 0)
            {
                _space.WriteReal(power + PciPm.Ctrl, 2, control & ~(uint)PciPm.CtrlStateMask);
                uint state = _space.ReadReal(power + PciPm.Ctrl, 2) & PciPm.CtrlStateMask;
                if (state != 0) Warn($"{Host} does not wake up: it stays in D{state}");
            }
        }

        uint command = _space!.ReadReal(ConfigOffset.Command, 2);
        const PciCommand off = PciCommand.Io | PciCommand.Memory | PciCommand.Master | PciCommand.IntxDisable;
        _space.WriteReal(ConfigOffset.Command, 2, command & ~(uint)off);
    }

    /// <summary>After a reset on the host: its registers are as new, and its line works (vfio_pci_post_reset).</summary>
    internal void FinishHostReset()
    {
        for (int bar = 0; bar < PciConfigSpace.BarCount; bar++) _space!.WriteReal(ConfigOffset.Bar0 + (4 * bar), 4, 0);
        if (EnableIntx() is { IsError: true } refused) Warn($"INTx cannot be enabled ({refused})");
    }

    // In the order of hw/vfio/pci.c: vfio_realize.
    private void Open()
    {
        GuestPciBus bus = Bus!;
        _opened = _machine.Host.Open(Host, bus.Dma, _options.GroupDescriptor);
        VfioDevice host = _opened.Device;
        if (_opened.Warning is { } warning) Warn(warning);
        var regions = new VfioRegion?[PciConfigSpace.BarCount];
        try
        {
            for (uint i = 0; i < PciConfigSpace.BarCount; i++) regions[i] = host.OpenRegion(VfioPciRegionIndex.Bar0 + i);
            bool reportsErrors = host.TryGetInterruptInfo(VfioPciIrqIndex.Err, out InterruptInfo errors).IsSuccess && errors.Count == 1;
            ConfigSize = host.Config.Size;
            LoadConfig(host);
            AddRom(host, bus.Memory.Topology);
            AddBars(regions, bus);
            AddMessages(host, bus);
            _machine.Started(this);
            HostReset = new DeviceReset(this, _machine, host, _capabilities!);
            if (EnableIntx() is { IsError: true } refused)
                throw new DeviceAssignmentException($"INTx of {Host} cannot be enabled: {refused}", "See who else uses the line on the host: /proc/interrupts");
            _events = new DeviceEvents(this, host, _machine.Events, reportsErrors);
        }
        finally
        {
            // Those of BARs that are there are the BARs' by now.
            foreach (VfioRegion? region in regions)
                if (region is not null && !_bars.Exists(bar => bar.Index == (int)region.Index)) region.Dispose();
        }
    }

    private void LoadConfig(VfioDevice host)
    {
        _space = new AssignedConfigSpace(this, host.Config, Config);
        _space.Load();

        // Addresses, the ROM and the multifunction bit are the guest's own.
        _space.Emulate(ConfigOffset.Bar0, ConfigOffset.BarsEnd - ConfigOffset.Bar0);
        _space.Emulate(ConfigOffset.RomBar, 4);
        const uint multifunction = 0x80;
        _space.Emulate(ConfigOffset.HeaderType, 1, _options.IsMultifunction ? multifunction : 0, multifunction);

        // No address of the host is to be seen in the guest.
        Config.Bytes[ConfigOffset.Bar0..ConfigOffset.BarsEnd].Clear();
        Config.Bytes.Slice(ConfigOffset.RomBar, 4).Clear();
        Config.Set(ConfigOffset.Command, 2, 0, (uint)(PciCommand.Io | PciCommand.Memory | PciCommand.Master | PciCommand.Serr | PciCommand.IntxDisable));
        Config.Writable.Slice(ConfigOffset.InterruptLine, 1).Fill(0xff);
        _capabilities = new AssignedCapabilities(this, _space, Config);
    }

    private void AddRom(VfioDevice host, MemoryTopology topology)
    {
        _rom = AssignedRom.Create(this, host, _options, topology);
        if (_rom is { } rom) AddBar(new GuestBar(GuestBar.Rom, BarKind.Memory, rom.Region.Size, rom.Region));
    }

    private void AddBars(VfioRegion?[] regions, GuestPciBus bus)
    {
        for (int i = 0; i < PciConfigSpace.BarCount; i++)
        {
            if (regions[i] is not { Size: > 0 } region) continue;
            uint register = _space!.ReadReal(ConfigOffset.Bar0 + (4 * i), 4);
            BarKind kind = (register & PciBaseAddress.SpaceIo) != 0
                ? BarKind.Ports
                : (BarKind)(register & (PciBaseAddress.MemType64 | PciBaseAddress.MemPrefetch));
            var bar = new AssignedBar(this, region, kind, bus.Memory.Topology, bus.Events.Kernel.PageSize);
            _bars.Add(bar);
            if (_options.MapsBars) bar.Map(TableIn(region));
            AddBar(new GuestBar(i, kind, region.Size, bar.Region));
            if (kind.HasFlag(BarKind.Memory64)) i++;
        }
    }

    // The table's place, where its pages may not be mapped.
    private RegionArea? TableIn(VfioRegion region)
    {
        if (_capabilities!.Msix is not (> 0 and int position) || region.IsMsixMappable) return null;
        uint table = Config.Read(position + PciMsix.Table, 4);
        if ((table & PciMsix.TableBir) != region.Index) return null;
        int vectors = (int)(Config.Read(position + PciMsix.Flags, 2) & PciMsix.FlagsQsize) + 1;
        return new RegionArea(table & PciMsix.TableOffset, (ulong)vectors * PciMsix.EntrySize);
    }

    private void AddMessages(VfioDevice host, GuestPciBus bus)
    {
        if (_capabilities!.Msi is > 0 and int msi)
        {
            uint control = Config.Read(msi + PciMsi.Flags, 2);
            int vectors = 1 << (int)((control & PciMsi.FlagsQmask) >> 1);
            var capability = new MsiCapability(Config, msi, vectors, (control & PciMsi.Flags64Bit) != 0, (control & PciMsi.FlagsMaskbit) != 0);
            _space!.Emulate(msi, capability.Length);
            _msi = new MsiInterrupts(this, host, capability);
        }

        if (_capabilities.Msix is not (> 0 and int msix)) return;
        uint place = Config.Read(msix + PciMsix.Table, 4);
        uint pending = Config.Read(msix + PciMsix.Pba, 4);
        int count = (int)(Config.Read(msix + PciMsix.Flags, 2) & PciMsix.FlagsQsize) + 1;
        AssignedBar? bar = _bars.Find(one => one.Index == (int)(place & PciMsix.TableBir));
        AssignedBar? pendingBar = _bars.Find(one => one.Index == (int)(pending & PciMsix.PbaBir));
        ulong offset = place & PciMsix.TableOffset;
        if (bar is null || offset + ((ulong)count * PciMsix.EntrySize) > bar.Size)
            throw new DeviceAssignmentException($"the MSI-X table of {Host}, {count} entries at 0x{offset:x} of BAR {place & PciMsix.TableBir}, is outside that BAR");
        if (pendingBar is null || (pending & PciMsix.PbaOffset) >= pendingBar.Size)
            throw new DeviceAssignmentException($"the MSI-X pending bits of {Host}, at 0x{pending & PciMsix.PbaOffset:x} of BAR {pending & PciMsix.PbaBir}, are outside that BAR");
        var table = new MsixTable(Config, msix, count, bus.Memory.Topology, Id, bus.Events.Gate, Send);
        const int aboveMapped = 2;
        bar.Region.Add(table.Table, offset, aboveMapped);
        _space!.Emulate(msix, PciMsix.Sizeof);
        bool isFixedSize = host.TryGetInterruptInfo(VfioPciIrqIndex.Msix, out InterruptInfo info).IsError || info.IsFixedSize;
        _msix = new MsixInterrupts(this, host, table, isFixedSize);
    }

    private KernelResult EnableIntx()
    {
        DisableInterrupts();
        if (InterruptPin == 0) return KernelResult.Success;
        KernelResult result = IntxInterrupt.Enable(this, _opened!.Device, _options.IntxMapTimeout, out IntxInterrupt? intx);
        _intx = intx;
        if (result.IsSuccess) InterruptMode = AssignedInterruptMode.Intx;
        return result;
    }

    private void DisableInterrupts()
    {
        switch (InterruptMode)
        {
            case AssignedInterruptMode.Intx:
                _intx!.Dispose();
                _intx = null;
                break;
            case AssignedInterruptMode.Msi:
                _msi!.Disable();
                break;
            case AssignedInterruptMode.Msix:
                _msix!.Disable();
                break;
        }

        InterruptMode = AssignedInterruptMode.None;
    }

    private void MsiWritten(MsiInterrupts msi, bool wasOn)
    {
        bool isOn = msi.Capability.IsEnabled;
        if (isOn && !wasOn)
        {
            DisableInterrupts();
            InterruptMode = AssignedInterruptMode.Msi;
            msi.Enable();
        }
        else if (!isOn && wasOn)
        {
            BackToIntx();
        }
        else if (isOn)
        {
            msi.Written();
        }
    }

    private void MsixWritten(MsixInterrupts msix, bool wasOn)
    {
        bool isOn = msix.Table.IsEnabled;
        if (!isOn && wasOn) BackToIntx();
        msix.Table.ControlWritten();
        if (!isOn || wasOn) return;
        DisableInterrupts();
        InterruptMode = AssignedInterruptMode.Msix;
        msix.Enable();
    }

    private void BackToIntx()
    {
        if (EnableIntx() is { IsError: true } refused) Warn($"INTx cannot be enabled again ({refused})");
    }
}
