// SPDX-License-Identifier: MIT
using VfioSharp.Abi.PciRegs;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using PciCommand = VfioSharp.Pci.PciCommand;
using PciStatus = VfioSharp.Pci.PciStatus;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// INTx: level-triggered, masked by the host when it fires, unmasked by the user (vfio_pci_intrs.c). A function of
/// PCI 2.3 is masked by its own INTx disable bit, an older one at the interrupt controller.
/// </summary>
internal sealed class IntxInterrupt
{
    private readonly PciFunction _function;
    private readonly bool _isHidden;
    private UnmaskEvent? _unmaskEvent;
    private bool _hasMaskBit;

    // Guards _enabled, _masked, _trigger and the INTx disable bit (irqlock). Taken after the interrupts' lock; the
    // function's locks are taken under it, and the function may call back (the line changed), on the same thread.
    private readonly RankedLock _lock = new(LockRank.Intx);
    private bool _enabled;
    private bool _masked;
    private bool _disabledByUser;
    private bool _line;
    private IEventHandle? _trigger;

    /// <param name="function">The function.</param>
    /// <param name="isHidden">Whether INTx is kept from the user: then the disable bit stays set (nointx).</param>
    public IntxInterrupt(PciFunction function, bool isHidden)
    {
        _function = function;
        _isHidden = isHidden;
    }

    /// <summary>The lock of the hardware's COMMAND.</summary>
    public RankedLock CommandLock => _lock;

    public bool IsEnabled => Volatile.Read(ref _enabled);

    /// <summary>Finds out whether the function has the mask bit (pci_intx_mask_supported).</summary>
    public void Probe()
    {
        using (_lock.EnterScope())
        {
            if (_isHidden)
            {
                SetMaskBit(true);
                return;
            }

            uint command = Command;
            _function.WriteConfig(PciHeader.Command, 2, command ^ (uint)PciCommand.IntxDisable);
            _hasMaskBit = Command != command;
            _function.WriteConfig(PciHeader.Command, 2, command);
            if (_hasMaskBit) SetMaskBit(false);
        }
    }

    /// <summary>SET_IRQS with TRIGGER (vfio_pci_set_intx_trigger). Called under the interrupts' lock.</summary>
    public KernelResult Trigger(Caller caller, uint flags, uint start, uint count, ReadOnlySpan<byte> data)
    {
        uint type = flags & VfioIrqSetFlags.DataTypeMask;
        if (IsEnabled && count == 0 && type == VfioIrqSetFlags.DataNone)
        {
            Disable();
            return KernelResult.Success;
        }

        if (start != 0 || count != 1) return Refuse($"start {start}, count {count}: it has the one interrupt 0");
        if (type == VfioIrqSetFlags.DataEventfd)
        {
            int descriptor = BitConverter.ToInt32(data);
            IEventHandle? handle = null;
            if (descriptor >= 0 && caller.Files.FindEvent(descriptor, out handle) is { IsError: true } error) return error;
            if (IsEnabled) ReplaceTrigger(handle);
            else Enable(handle);
            return KernelResult.Success;
        }

        if (!IsEnabled) return Refuse($"flags 0x{flags:x} signal INTx, which is not enabled; an eventfd comes first");
        if (type == VfioIrqSetFlags.DataNone || data[0] != 0) Send();
        return KernelResult.Success;
    }

    /// <summary>SET_IRQS with MASK (vfio_pci_set_intx_mask).</summary>
    public KernelResult Mask(uint flags, uint start, uint count, ReadOnlySpan<byte> data)
    {
        if (!IsEnabled || start != 0 || count != 1) return Refuse($"mask of start {start}, count {count}, enabled: {IsEnabled}");
        uint type = flags & VfioIrqSetFlags.DataTypeMask;
        if (type == VfioIrqSetFlags.DataEventfd) return KernelResult.Fail(Errno.ENOTTY, $"SET_IRQS INTx: flags 0x{flags:x} ask for masking by eventfd, which the kernel does not implement");
        if (type == VfioIrqSetFlags.DataNone || data[0] != 0) Mask();
        return KernelResult.Success;
    }

    /// <summary>SET_IRQS with UNMASK (vfio_pci_set_intx_unmask).</summary>
    public KernelResult Unmask(Caller caller, uint flags, uint start, uint count, ReadOnlySpan<byte> data)
    {
        if (!IsEnabled || start != 0 || count != 1) return Refuse($"unmask of start {start}, count {count}, enabled: {IsEnabled}");
        uint type = flags & VfioIrqSetFlags.DataTypeMask;
        if (type != VfioIrqSetFlags.DataEventfd)
        {
            if (type == VfioIrqSetFlags.DataNone || data[0] != 0) Unmask();
            return KernelResult.Success;
        }

        int descriptor = BitConverter.ToInt32(data);
        if (descriptor < 0)
        {
            Interlocked.Exchange(ref _unmaskEvent, null)?.End();
            return KernelResult.Success;
        }

        KernelResult found = caller.Files.FindEvent(descriptor, out IEventHandle? handle);
        if (found.IsError) return found;
        if (_unmaskEvent is not null)
        {
            handle!.Dispose();
            return KernelResult.Fail(Errno.EBUSY, $"SET_IRQS INTx: descriptor {descriptor} cannot unmask, another eventfd does already");
        }

        _unmaskEvent = new UnmaskEvent(handle!, this);
        return KernelResult.Success;
    }

    /// <summary>The user changed INTx disable in its COMMAND. Called under the interrupts' lock.</summary>
    public void SetDisabledByUser(bool disabled)
    {
        using (_lock.EnterScope()) _disabledByUser = disabled;
        if (disabled) Mask();
        else Unmask();
    }

    /// <summary>The hardware's bit follows message interrupts (pci_intx_for_msi).</summary>
    public void FollowMessages(bool messagesEnabled)
    {
        using (_lock.EnterScope()) SetMaskBit(messagesEnabled || _isHidden);
    }

    /// <summary>The function's line changed.</summary>
    public void LineChanged(bool asserted)
    {
        using (_lock.EnterScope()) _line = asserted;
        if (asserted) Handle();
    }

    /// <summary>Turns it off (vfio_intx_disable). Called under the interrupts' lock.</summary>
    public void Disable()
    {
        if (!IsEnabled) return;
        Interlocked.Exchange(ref _unmaskEvent, null)?.End();
        using (_lock.EnterScope()) _enabled = false;
        ReplaceTrigger(null);
    }

    private uint Command => _function.ReadConfig(PciHeader.Command, 2);

    // vfio_intx_enable
    private void Enable(IEventHandle? trigger)
    {
        using (_lock.EnterScope())
        {
            _trigger = trigger;
            _masked = _disabledByUser;
            _enabled = true;
            if (_hasMaskBit) SetMaskBit(_masked);
        }

        // A line that is up already fires when the handler comes.
        Handle();
    }

    private void ReplaceTrigger(IEventHandle? trigger)
    {
        IEventHandle? old;
        using (_lock.EnterScope()) (old, _trigger) = (_trigger, trigger);
        old?.Dispose();
    }

    // vfio_intx_handler
    private void Handle()
    {
        using (_lock.EnterScope())
        {
            if (!_enabled || _masked) return;
            if (_hasMaskBit)
            {
                if (!IsPending) return;
                _masked = true;
                SetMaskBit(true);
            }
            else
            {
                if (!_line) return;
                _masked = true;
            }

            Send();
        }
    }

    // __vfio_pci_intx_mask
    private void Mask()
    {
        using (_lock.EnterScope())
        {
            if (!_enabled)
            {
                if (_hasMaskBit) SetMaskBit(true);
                return;
            }

            if (_masked) return;
            _masked = true;
            if (_hasMaskBit) SetMaskBit(true);
        }
    }

    // __vfio_pci_intx_unmask: what is still pending is sent again instead of being let through.
    private void Unmask()
    {
        using (_lock.EnterScope())
        {
            if (!_enabled)
            {
                if (_hasMaskBit) SetMaskBit(false);
                return;
            }

            if (!_masked || _disabledByUser) return;
            if (_hasMaskBit && IsPending)
            {
                Send();
                return;
            }

            _masked = false;
            if (_hasMaskBit) SetMaskBit(false);
        }

        if (!_hasMaskBit) Handle();
    }

    // vfio_send_intx_eventfd
    private void Send()
    {
        using (_lock.EnterScope())
        {
            if (!_enabled || _disabledByUser || _trigger is null) return;
            _trigger.Signal();
            _function.Activity?.Observer?.Interrupt(_function.Address, VfioPciIrqIndex.Intx, 0);
        }
    }

    private bool IsPending => (_function.ReadConfig(PciHeader.Status, 2) & (uint)PciStatus.Interrupt) != 0;

    // pci_intx
    private void SetMaskBit(bool masked)
    {
        uint command = Command;
        uint wanted = masked ? command | (uint)PciCommand.IntxDisable : command & ~(uint)PciCommand.IntxDisable;
        if (wanted != command) _function.WriteConfig(PciHeader.Command, 2, wanted);
    }

    private static KernelResult Refuse(string why) => KernelResult.Fail(Errno.EINVAL, $"SET_IRQS INTx: {why}");

    // An eventfd by which the user unmasks. It acts on a worker: whoever signals it may hold locks of this device or
    // of another one (virqfd.c defers what it does to a work queue, too).
    private sealed class UnmaskEvent : IThreadPoolWorkItem
    {
        private readonly IntxInterrupt _intx;
        private readonly IEventHandle _handle;
        private readonly IDisposable _subscription;
        private volatile bool _ended;

        public UnmaskEvent(IEventHandle handle, IntxInterrupt intx)
        {
            _intx = intx;
            _handle = handle;
            _subscription = handle.Subscribe(() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false), Close);
        }

        public void Execute()
        {
            if (!_ended) _intx.Unmask();
        }

        // virqfd.c: virqfd_wakeup: the user closed the eventfd, and another one may take its place.
        private void Close()
        {
            if (Interlocked.CompareExchange(ref _intx._unmaskEvent, null, this) == this) End();
        }

        public void End()
        {
            _ended = true;
            _subscription.Dispose();
            _handle.Dispose();
        }
    }
}
