// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;

namespace VfioSharp.Host.VfioPci;

/// <summary>A PCI function bound to vfio-pci (drivers/vfio/pci/vfio_pci_core.c).</summary>
public sealed class VfioPciDevice : VfioDevice, IConfigEffects
{
    /// <summary>How far a region's index is shifted in a file offset (VFIO_PCI_OFFSET_SHIFT).</summary>
    private const int OffsetShift = 40;

    private const ulong OffsetMask = (1UL << OffsetShift) - 1;

    private readonly PciFunction _function;
    private readonly HostPlatform _platform;
    private readonly Func<PciFunction, VfioPciDevice?> _find;
    private readonly bool _hidesIntx;

    // A physical function's own token; for a virtual one that of its physical function (sriov_pf_core_dev).
    private readonly VfToken? _token;
    private readonly VfToken? _physicalToken;

    // What exists while the device is open. Set by open and close, which the group code serialises with every call.
    private OpenState? _open;
    private volatile bool _hasVirtualFunctions;

    // Whether the last user left it without a reset (needs_reset). Guarded like _open.
    private bool _needsReset;

    /// <summary>Binds a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="platform">The machine it is in.</param>
    /// <param name="find">
    /// The device of another function while that is bound to vfio-pci, else null. Called with the group registry's lock
    /// held, as open and close are.
    /// </param>
    public VfioPciDevice(PciFunction function, HostPlatform platform, Func<PciFunction, VfioPciDevice?> find)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(find);
        _function = function;
        _platform = platform;
        Name = function.Address.ToString();
        _hidesIntx = DeviceQuirks.HidesIntx(function);
        _find = find;
        _physicalToken = function.PhysicalFunction is { } physical ? find(physical)?._token : null;
        if (SriovCapability.Find(function) is not null) _token = new VfToken();
        Memory = MappableMemory.Find(function, platform.PageSize, OffsetShift);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    bool IConfigEffects.IsMsiEnabled => Open.Interrupts.Msi.IsEnabled;

    bool IConfigEffects.HidesIntx => _hidesIntx;

    bool IConfigEffects.HasVirtualFunctions => _hasVirtualFunctions;

    int IConfigEffects.MsiQueueLimit => Open.Interrupts.Msi.QueueLimit;

    RankedLock IConfigEffects.CommandLock => Open.Interrupts.Intx.CommandLock;

    private OpenState Open => _open ?? throw new InvalidOperationException($"device {Name} is used while it is not open");

    /// <inheritdoc/>
    public override KernelResult Match(string request)
    {
        ArgumentNullException.ThrowIfNull(request);
        KernelResult match = DeviceRequest.Match(request, Name, out Guid? token);
        if (match.IsError || match.Value == 0) return match;
        KernelResult allowed =
            _physicalToken is { } shared ? shared.CheckVirtual(token, Name)
            : _token is { } own ? own.CheckPhysical(token, Name)
            : token is null ? KernelResult.Success
            : KernelResult.Fail(Errno.EINVAL, $"GET_DEVICE_FD: vf_token={token} is given, but {Name} is no function whose SR-IOV vfio-pci controls");
        return allowed.IsError ? allowed : match;
    }

    /// <inheritdoc/>
    public override KernelResult OpenDevice()
    {
        // vfio_pci_core_enable, in its order: the state that is saved must not have bus mastering.
        SetCommand(clear: PciCommand.Master, set: PciCommand.None);
        EnableDecoding();
        bool resets = FunctionReset.TryResetKeepingState(_function, _platform.Topology);
        if (_platform.Eeh is { } eeh)
        {
            KernelResult reachable = eeh.CheckOpen(_function);
            if (reachable.IsError) return reachable;
        }

        var saved = new SavedConfig(_function);
        var intx = new IntxInterrupt(_function, _hidesIntx);
        intx.Probe();
        _open = new OpenState(this, saved, resets, intx);
        _function.InterruptSink = _open.Interrupts;

        // vfio_pci_core_finish_enable ignores what it says: a device without error handling opens all the same.
        _ = _platform.Eeh?.Open(_function);
        _physicalToken?.CountUser(opened: true);
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    public override void CloseDevice()
    {
        // vfio_pci_core_disable
        OpenState open = Open;
        _physicalToken?.CountUser(opened: false);
        _platform.Eeh?.Release(_function);
        open.DmaBufs.Close();
        open.Power.Exit();
        open.Config.PowerUp();
        SetCommand(clear: PciCommand.Master, set: PciCommand.None);
        open.Interrupts.DisableAll();
        open.IoEvents.Clear();
        _function.InterruptSink = null;
        _function.WriteConfig(PciHeader.Command, 2, (uint)PciCommand.IntxDisable);
        _needsReset = !(open.ResetWorks && FunctionReset.TryReset(_function, _platform.Topology));
        open.Saved.Restore();
        SetCommand(clear: PciCommand.Master, set: PciCommand.None);
        ResetUnusedBus();
        open.Interrupts.ClearTriggers();
        _open = null;
    }

    // vfio_pci_dev_set_try_reset: with its bus once all of the bus is VFIO's and unused.
    private void ResetUnusedBus()
    {
        if (_function.PhysicalFunction is not null || _platform.Topology.BridgeAbove(_function) is null) return;
        var set = new List<VfioPciDevice>();
        foreach (PciFunction function in HotReset.Affected(_platform.Topology, _function))
        {
            if (function.PhysicalFunction is not null || (function == _function ? this : _find(function)) is not { } device) return;
            set.Add(device);
        }

        if (set.Sum(device => device.OpenCount) > 1 || !set.Exists(device => device._needsReset)) return;
        HotReset.ResetBus(set.ConvertAll(device => device._function));
        foreach (VfioPciDevice device in set) device._needsReset = false;
    }

    /// <inheritdoc/>
    public override void RequestRelease(uint attempt) => _open?.Interrupts.RequestRelease();

    /// <inheritdoc/>
    public override FileMemory? Memory { get; }

    /// <inheritdoc/>
    public override KernelResult Ioctl(Caller caller, uint request, ulong argument)
    {
        ArgumentNullException.ThrowIfNull(caller);
        OpenState open = Open;

        // vfio_main.c: vfio_device_fops_unl_ioctl: that one does not wait for the device to be awake.
        if (request != VfioIoctl.DeviceBindIommufd) open.Power.WakeForCall();
        return request switch
        {
            VfioIoctl.DeviceGetInfo => DeviceInformation.Get(caller, argument, open.ResetWorks, AtomicCompletion.Find(_function, _platform.Topology)),
            VfioIoctl.DeviceGetRegionInfo => open.Regions.GetInfo(caller, argument),
            VfioIoctl.DeviceGetIrqInfo => open.Interrupts.GetInfo(caller, argument),
            VfioIoctl.DeviceSetIrqs => open.Interrupts.Set(caller, argument),
            VfioIoctl.DeviceReset => Reset(),
            VfioIoctl.DeviceGetPciHotResetInfo => HotReset.GetInfo(caller, argument, _function, _platform),
            VfioIoctl.DevicePciHotReset => HotReset.Reset(caller, argument, _function, _platform),
            VfioIoctl.DeviceIoeventfd => open.IoEvents.Set(caller, argument),
            VfioIoctl.DeviceFeature => DeviceFeatures.Call(caller, argument, _token, open.Power, open.DmaBufs, Name),
            VfioIoctl.DeviceBindIommufd => DeviceInformation.RefuseBind(caller, argument, Name),
            _ => KernelResult.Fail(Errno.ENOTTY, $"request 0x{request:x} is not one of vfio-pci's"),
        };
    }

    /// <inheritdoc/>
    public override KernelResult Read(Caller caller, ulong address, ulong count, ulong offset) => Access(caller, address, count, offset, isWrite: false);

    /// <inheritdoc/>
    public override KernelResult Write(Caller caller, ulong address, ulong count, ulong offset) => Access(caller, address, count, offset, isWrite: true);

    /// <inheritdoc/>
    public override KernelResult Map(in MapRequest request, out IMappedRegion? region)
    {
        // vfio_pci_core_mmap
        region = null;
        ulong index = request.Offset >> OffsetShift;
        ulong start = request.Offset & OffsetMask;
        if (index >= VfioPciRegionIndex.Count) return Refuse($"mmap: region {index} does not exist");
        if (!request.Shared) return Refuse($"mmap: region {index} can only be mapped MAP_SHARED");
        if (index >= VfioPciRegionIndex.Rom || !Open.Regions.CanMap((int)index)) return Refuse($"mmap: region {index} of {Name} cannot be mapped");
        ulong pageMask = (ulong)_platform.PageSize - 1;
        ulong length = (_function.Bars[(int)index].Size + pageMask) & ~pageMask;
        if (request.Length > length || start > length - request.Length)
        {
            return Refuse($"mmap: 0x{request.Length:x} bytes at 0x{start:x} reach past the 0x{length:x} bytes of region {index}");
        }

        region = new BarMapping(this, (int)index, start);
        return KernelResult.Success;
    }

    void IConfigEffects.IntxDisableChanged(bool disabled) => Open.Interrupts.IntxDisableChanged(disabled);

    void IConfigEffects.MemoryMoved(bool isAccessible) => Open.DmaBufs.Move(revoked: !isAccessible);

    void IConfigEffects.ResetFunction() => Reset();

    void IConfigEffects.StateRestored() => Open.Interrupts.RestoreAfterReset();

    /// <summary>Virtual functions are about to appear, which need the device awake, or are gone (vfio_pci_core_sriov_configure).</summary>
    internal void SetVirtualFunctions(bool present)
    {
        _hasVirtualFunctions = present;
        if (present) PowerUp();
    }

    /// <summary>Its hardware reported an error that is not fatal. Called with the group registry's lock held.</summary>
    internal KernelResult ReportError() => _open?.Interrupts.ReportError(Name)
        ?? KernelResult.Fail(Errno.ENODEV, $"error of {Name}: nobody has the device open");

    /// <summary>What accesses to the open device's memory pass; null while it is not open.</summary>
    internal MemoryGate? Gate => _open?.Config.Gate;

    /// <summary>Held by whoever changes the hardware's COMMAND of the open device; null while it is not open.</summary>
    internal RankedLock? CommandLock => _open?.Interrupts.Intx.CommandLock;

    /// <summary>A reset of its bus is about to take the device along, in D0 (vfio_pci_dev_set_hot_reset).</summary>
    internal void PowerUp() => _open?.Config.PowerUp();

    /// <summary>A reset of its bus took the device along: an open one gets its message state back.</summary>
    internal void RestoreAfterBusReset()
    {
        if (_open is not { } open) return;
        open.Interrupts.RestoreAfterReset();
        if (open.Config.IsMemoryEnabled) open.DmaBufs.Move(revoked: false);
    }

    /// <summary>A load through a mapping.</summary>
    internal MemoryFault LoadMapped(int bar, ulong offset, int width, out ulong value)
    {
        value = 0;
        if (_open is not { } open) return MemoryFault.Bus;
        open.Config.Gate.Enter();
        try
        {
            if (!open.Config.IsMemoryEnabled || open.Power.IsEngaged || open.Regions.IsKeptFromMappings(bar, offset)) return MemoryFault.Bus;
            value = open.Access.Load(bar, offset, width);
            if (width < 8) value &= (1UL << (8 * width)) - 1;
            return MemoryFault.None;
        }
        finally
        {
            open.Config.Gate.Exit();
        }
    }

    /// <summary>A store through a mapping.</summary>
    internal MemoryFault StoreMapped(int bar, ulong offset, int width, ulong value)
    {
        if (_open is not { } open) return MemoryFault.Bus;
        open.Config.Gate.Enter();
        try
        {
            if (!open.Config.IsMemoryEnabled || open.Power.IsEngaged || open.Regions.IsKeptFromMappings(bar, offset)) return MemoryFault.Bus;
            open.Access.Store(bar, offset, width, value);
            return MemoryFault.None;
        }
        finally
        {
            open.Config.Gate.Exit();
        }
    }

    // vfio_pci_rw
    private KernelResult Access(Caller caller, ulong address, ulong count, ulong offset, bool isWrite)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (count == 0) return KernelResult.Success;
        OpenState open = Open;
        ulong index = offset >> OffsetShift;
        if (index >= VfioPciRegionIndex.Count) return Refuse($"offset 0x{offset:x}: region {index} does not exist");
        open.Power.WakeForCall();
        ulong position = offset & OffsetMask;
        switch (index)
        {
            case <= VfioPciRegionIndex.Bar5:
                return open.Access.AccessBar(caller, address, count, (int)index, position, isWrite);
            case VfioPciRegionIndex.Rom when !isWrite:
                return open.Access.AccessBar(caller, address, count, (int)index, position, isWrite);
            case VfioPciRegionIndex.Rom:
                return Refuse($"write: the ROM (region {index}) cannot be written");
            case VfioPciRegionIndex.Config:
                return isWrite ? open.Config.Write(caller, address, count, position) : open.Config.Read(caller, address, count, position);
            case VfioPciRegionIndex.Vga when open.Regions.HasVga:
                return open.Access.AccessVga(caller, address, count, position, isWrite);
            default:
                return Refuse($"region {index} (VGA): {Name} is no VGA device");
        }
    }

    // vfio_pci_ioctl_reset
    private KernelResult Reset()
    {
        OpenState open = Open;
        if (!open.ResetWorks) return Refuse($"DEVICE_RESET: no way to reset {Name} alone worked when it was opened");
        bool done;
        using (open.Config.Gate.Close())
        {
            open.Config.PowerUp();
            open.DmaBufs.Move(revoked: true);

            // Whoever changes a bit of COMMAND meanwhile would put back what the reset had cleared.
            using (open.Interrupts.Intx.CommandLock.EnterScope()) done = FunctionReset.TryResetKeepingState(_function, _platform.Topology);
            if (open.Config.IsMemoryEnabled) open.DmaBufs.Move(revoked: false);
        }

        if (!done)
        {
            return KernelResult.Fail(Errno.ENOTTY, $"DEVICE_RESET: none of the {_function.ResetMethods.Count} reset methods of {Name} works any more");
        }

        open.Interrupts.RestoreAfterReset();
        return KernelResult.Success;
    }

    // pci_enable_device: what its BARs need, and INTx not disabled.
    private void EnableDecoding()
    {
        PciCommand wanted = PciCommand.None;
        for (int i = 0; i < PciConfigSpace.BarCount; i++)
        {
            PciBar bar = _function.Bars[i];
            if (bar.Size != 0) wanted |= bar.IsIo ? PciCommand.Io : PciCommand.Memory;
        }

        SetCommand(clear: PciCommand.IntxDisable, set: wanted);
    }

    private void SetCommand(PciCommand clear, PciCommand set)
    {
        var command = (PciCommand)_function.ReadConfig(PciHeader.Command, 2);
        PciCommand wanted = (command & ~clear) | set;
        if (wanted != command) _function.WriteConfig(PciHeader.Command, 2, (uint)wanted);
    }

    private ConfigView View() => new(Enumerable.Range(0, _function.ConfigSize).Select(i => (byte)_function.ReadConfig(i, 1)).ToArray());

    private static KernelResult Refuse(string why) => KernelResult.Fail(Errno.EINVAL, why);

    // What is made at each open.
    private sealed class OpenState
    {
        public OpenState(VfioPciDevice device, SavedConfig saved, bool resetWorks, IntxInterrupt intx)
        {
            ConfigView view = device.View();
            Saved = saved;
            ResetWorks = resetWorks;
            Config = new VirtualConfig(device._function, device);
            Interrupts = new VfioPciInterrupts(device._function, view, intx, Config, device._platform.CanAllocateMsixVectors);
            MsixTable msix = MsixTable.Find(view);
            Access = new RegionAccess(device._function, Config, msix);
            Regions = new RegionTable(device._function, device._platform, Access, msix, view.ClassCode);
            IoEvents = new IoEvents(device._function, Config, Access, msix);
            DmaBufs = new DmaBufs(device._function, Config, device._platform.PageSize);
            Power = new LowPower(Config, DmaBufs);
        }

        public SavedConfig Saved { get; }

        public bool ResetWorks { get; }

        public VirtualConfig Config { get; }

        public VfioPciInterrupts Interrupts { get; }

        public RegionAccess Access { get; }

        public RegionTable Regions { get; }

        public IoEvents IoEvents { get; }

        public DmaBufs DmaBufs { get; }

        public LowPower Power { get; }
    }
}
