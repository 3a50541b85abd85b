// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Machines;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;
using PciCommand = VfioSharp.Pci.PciCommand;
using PciStatus = VfioSharp.Pci.PciStatus;

namespace VfioSharp.Host.Pci;

/// <summary>
/// A function whose configuration space is made from a machine's bytes, with INTx and MSI as hardware has them.
/// Device models derive from it and supply BARs.
/// </summary>
public abstract class ModelledFunction : PciFunction
{
    // Guards _line. Taken before the configuration space's own lock; no sink is called under it.
    private readonly RankedLock _interruptLock = new(LockRank.InterruptLine);
    private readonly ConfigSpace _config;
    private readonly int _msi;
    private readonly int _msix;

    // Where PMCSR is on a function that resets itself on the way from D3hot to D0; else 0.
    private readonly int _softReset;
    private bool _line;

    // Whether somebody holds the line up who is not the model. Guarded like _line.
    private bool _injectedLine;

    /// <summary>Makes the function a machine describes.</summary>
    protected ModelledFunction(DeviceDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        Address = description.Address;
        Alias = description.Alias;
        ResetMethods = description.ResetMethods;
        var bars = new PciBar[7];
        for (int i = 0; i < bars.Length; i++) bars[i] = new PciBar(i, 0, 0, 0);
        foreach (PciBar bar in description.Bars)
        {
            if (bar.Index < bars.Length) bars[bar.Index] = bar;
        }

        Bars = bars;
        ReadOnlySpan<byte> bytes = description.Config.Span;
        _config = new ConfigSpace(bytes, description.ConfigSize, bars, description.Emulation, description.IsVirtual);
        var view = new ConfigView(bytes);
        _msi = view.FindCapability(PciCapabilityId.Msi);
        _msix = view.FindCapability(PciCapabilityId.MsiX);
        VirtualFunctionBars = [.. description.Bars.Where(bar => bar.Index >= bars.Length)];
        if (!description.Vpd.IsEmpty) ProductData = new VitalProductData(description.Vpd.Span);
        int power = view.FindCapability(PciCapabilityId.PowerManagement);
        bool keepsState = description.Emulation == ConfigEmulation.Qemu || power == 0 || (view.Read16(power + PciPm.Ctrl) & PciPm.CtrlNoSoftReset) != 0;
        _softReset = keepsState ? 0 : power + PciPm.Ctrl;
    }

    /// <inheritdoc/>
    public sealed override PciAddress Address { get; }

    /// <inheritdoc/>
    public sealed override string? Alias { get; }

    /// <inheritdoc/>
    public sealed override int ConfigSize => _config.Size;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<PciBar> Bars { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<PciResetMethod> ResetMethods { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<PciBar> VirtualFunctionBars { get; }

    /// <inheritdoc/>
    public sealed override VitalProductData? ProductData { get; }

    /// <summary>Whether the function may send memory requests (COMMAND.Master), at this moment.</summary>
    protected bool IsBusMaster => (_config.Command & PciCommand.Master) != 0;

    /// <summary>Whether MSI is enabled in its capability, at this moment.</summary>
    protected bool IsMsiEnabled => _msi != 0 && (_config.Read(_msi + 2, 2) & 1) != 0;

    /// <inheritdoc/>
    public sealed override uint ReadConfig(int offset, int width)
    {
        if (Isolation is { } isolation && !isolation.AdmitsConfig(isWrite: false)) return uint.MaxValue >> (32 - (8 * width));
        uint value = _config.Read(offset, width);
        int shift = ConfigOffset.Status - offset;
        if (shift >= 0 && shift < width && (Volatile.Read(ref _line) || Volatile.Read(ref _injectedLine))) value |= (uint)PciStatus.Interrupt << (8 * shift);
        return value;
    }

    /// <inheritdoc/>
    public sealed override void WriteConfig(int offset, int width, uint value)
    {
        if (Isolation is { } isolation && !isolation.AdmitsConfig(isWrite: true)) return;
        bool before;
        bool after;
        uint power = PowerState;
        using (_interruptLock.EnterScope())
        {
            before = IntxAsserted;
            _config.Write(offset, width, value);
            after = IntxAsserted;
        }

        if (before != after) InterruptSink?.IntxChanged(after);
        if (power == PciPm.CtrlStateMask && PowerState == 0) Reset(PciResetMethod.PowerManagement);
    }

    /// <inheritdoc/>
    public sealed override void Reset(PciResetMethod method)
    {
        bool before;
        using (_interruptLock.EnterScope())
        {
            before = IntxAsserted;
            _line = false;
            _config.Reset();
        }

        if (before) InterruptSink?.IntxChanged(false);
        OnReset(method);
    }

    /// <summary>What a reset does to the model's own registers; nothing unless overridden.</summary>
    protected virtual void OnReset(PciResetMethod method)
    {
    }

    /// <summary>
    /// Drives the INTx line. A model may hold its own lock: sinks read and write configuration space, never BARs.
    /// </summary>
    protected void SetIntx(bool asserted) => Drive(ref _line, asserted);

    /// <summary>Sends MSI message <paramref name="vector"/>: a memory write, so nothing without bus mastering.</summary>
    protected void SendMessage(int vector)
    {
        if (IsBusMaster && Isolation is not { BlocksDma: true }) InterruptSink?.Message(vector);
    }

    /// <summary>
    /// An interrupt the model has no cause for: a message where the user enabled MSI or MSI-X, else a pulse of INTx. Its
    /// driver finds nothing to do, as with a spurious interrupt of real hardware.
    /// </summary>
    internal KernelResult InjectInterrupt(int vector)
    {
        int vectors = EnabledVectors(out string kind);
        string name = $"interrupt {vector} ({kind}) of {Address}";
        if (InterruptSink is null) return KernelResult.Fail(Errno.ENODEV, $"{name}: nobody has the device open");
        if ((uint)vector >= (uint)vectors) return KernelResult.Fail(Errno.EINVAL, $"{name}: it has {vectors} of that kind");
        if (kind != "INTx")
        {
            if (!IsBusMaster) return KernelResult.Fail(Errno.EIO, $"{name}: bus mastering is off, so no message leaves the device");
            SendMessage(vector);
            return KernelResult.Success;
        }

        if ((_config.Command & PciCommand.IntxDisable) != 0) return KernelResult.Fail(Errno.EIO, $"{name}: COMMAND disables INTx");
        Drive(ref _injectedLine, true);
        Drive(ref _injectedLine, false);
        return KernelResult.Success;
    }

    private int EnabledVectors(out string kind)
    {
        const int MsixEnable = 1 << 15;
        const int MsixTableSize = 0x7ff;
        int control = _msix == 0 ? 0 : (int)_config.Read(_msix + 2, 2);
        if ((control & MsixEnable) != 0)
        {
            kind = "MSI-X";
            return (control & MsixTableSize) + 1;
        }

        if (IsMsiEnabled)
        {
            kind = "MSI";
            return 1 << (int)((_config.Read(_msi + 2, 2) >> 4) & 7);
        }

        kind = "INTx";
        return _config.Read(ConfigOffset.InterruptPin, 1) != 0 ? 1 : 0;
    }

    // One of the two that hold the line up.
    private void Drive(ref bool holder, bool asserted)
    {
        bool before;
        bool after;
        using (_interruptLock.EnterScope())
        {
            before = IntxAsserted;
            holder = asserted;
            after = IntxAsserted;
        }

        if (before != after) InterruptSink?.IntxChanged(after);
    }

    // 0 on a function that keeps its state in D3hot, as in D0.
    private uint PowerState => _softReset == 0 ? 0 : _config.Read(_softReset, 2) & PciPm.CtrlStateMask;

    // What the interrupt controller sees: the line, unless COMMAND disables INTx.
    private bool IntxAsserted => (_line || _injectedLine) && (_config.Command & PciCommand.IntxDisable) == 0;
}
