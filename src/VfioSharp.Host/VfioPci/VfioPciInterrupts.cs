// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host.VfioPci;

/// <summary>The five interrupt indexes of an open device (vfio_pci_intrs.c). Made anew at each open.</summary>
internal sealed class VfioPciInterrupts : IPciInterruptSink
{
    // The fixed part of struct vfio_irq_set.
    private const int HeaderSize = 20;

    // The most data that is kept on the stack.
    private const int StackData = 256;

    private readonly VirtualConfig _config;
    private readonly bool _isExpress;
    private readonly EventTrigger _error;
    private readonly EventTrigger _request;

    // Guards all interrupt state against changes at once (igate). Outermost of the device: the locks of each index are taken under it.
    private readonly RankedLock _gate = new(LockRank.InterruptGate);

    public VfioPciInterrupts(PciFunction function, ConfigView view, IntxInterrupt intx, VirtualConfig config, bool msixGrows)
    {
        _config = config;
        _isExpress = view.IsExpress;
        _error = new EventTrigger(function, VfioPciIrqIndex.Err);
        _request = new EventTrigger(function, VfioPciIrqIndex.Req);
        Intx = intx;
        Msi = new MessageInterrupts(function, intx, view.FindCapability(PciCapabilityId.Msi), isMsix: false, grows: false);
        Msix = new MessageInterrupts(function, intx, view.FindCapability(PciCapabilityId.MsiX), isMsix: true, grows: msixGrows);
    }

    public IntxInterrupt Intx { get; }

    public MessageInterrupts Msi { get; }

    public MessageInterrupts Msix { get; }

    /// <summary>DEVICE_GET_IRQ_INFO (vfio_pci_ioctl_get_irq_info).</summary>
    public KernelResult GetInfo(Caller caller, ulong argument)
    {
        const string call = "DEVICE_GET_IRQ_INFO";
        VfioIrqInfo info = default;
        if (!UserMemory.TryRead(caller, argument, ref info)) return UserMemory.Fault(call, argument, 16);
        if (info.Argsz < 16) return UserMemory.ShortArgument(call, info.Argsz, 16);
        if (info.Index >= VfioPciIrqIndex.Count) return KernelResult.Fail(Errno.EINVAL, $"{call}: index {info.Index} is not one of 0 to {VfioPciIrqIndex.Count - 1}");
        if (info.Index == VfioPciIrqIndex.Err && !_isExpress) return KernelResult.Fail(Errno.EINVAL, $"{call}: index {info.Index} (ERR) is for PCI Express devices only");
        info.Count = (uint)CountOf(info.Index);
        info.Flags = VfioIrqInfoFlags.Eventfd;
        if (info.Index == VfioPciIrqIndex.Intx) info.Flags |= VfioIrqInfoFlags.Maskable | VfioIrqInfoFlags.Automasked;
        // has_dyn_msix: a function without MSI-X cannot allocate its vectors one by one either.
        else if (info.Index != VfioPciIrqIndex.Msix || !Msix.Grows || info.Count == 0) info.Flags |= VfioIrqInfoFlags.Noresize;
        return UserMemory.TryWrite(caller, argument, in info) ? KernelResult.Success : UserMemory.Fault(call, argument, 16);
    }

    /// <summary>DEVICE_SET_IRQS (vfio_pci_ioctl_set_irqs).</summary>
    public KernelResult Set(Caller caller, ulong argument)
    {
        const string call = "DEVICE_SET_IRQS";
        VfioIrqSet header = default;
        if (!UserMemory.TryRead(caller, argument, ref header, HeaderSize)) return UserMemory.Fault(call, argument, HeaderSize);
        KernelResult checkedHeader = Check(header, CountOf(header.Index), out int dataSize);
        if (checkedHeader.IsError) return checkedHeader;
        Span<byte> data = dataSize <= StackData ? stackalloc byte[StackData] : new byte[dataSize];
        data = data[..dataSize];
        if (!caller.Memory.TryRead(argument + HeaderSize, data)) return UserMemory.Fault(call, argument + HeaderSize, dataSize);
        using (_gate.EnterScope()) return Dispatch(caller, header, data);
    }

    /// <summary>The user changed INTx disable in its COMMAND.</summary>
    public void IntxDisableChanged(bool disabled)
    {
        using (_gate.EnterScope()) Intx.SetDisabledByUser(disabled);
    }

    /// <summary>Signals ERR (vfio_pci_core_aer_err_detected); EINVAL: the device has no such interrupt; ENOENT: nobody listens.</summary>
    public KernelResult ReportError(string name)
    {
        if (!_isExpress) return KernelResult.Fail(Errno.EINVAL, $"error of {name}: only PCI Express devices report errors (AER)");
        return _error.Signal() ? KernelResult.Success : KernelResult.Fail(Errno.ENOENT, $"error of {name}: its user gave no eventfd for ERR");
    }

    /// <summary>Signals REQ.</summary>
    public bool RequestRelease() => _request.Signal();

    /// <summary>After a reset: the message state is written anew.</summary>
    public void RestoreAfterReset()
    {
        using (_gate.EnterScope())
        {
            Msi.RestoreAfterReset();
            Msix.RestoreAfterReset();
        }
    }

    /// <summary>Turns INTx, MSI and MSI-X off (vfio_pci_core_disable).</summary>
    public void DisableAll()
    {
        using (_gate.EnterScope())
        {
            Intx.Disable();
            Msi.Disable();
            Msix.Disable();
        }
    }

    /// <summary>Lets go of the eventfds of ERR and REQ, last of all.</summary>
    public void ClearTriggers()
    {
        using (_gate.EnterScope())
        {
            _error.Clear();
            _request.Clear();
        }
    }

    void IPciInterruptSink.IntxChanged(bool asserted) => Intx.LineChanged(asserted);

    void IPciInterruptSink.Message(int vector)
    {
        if (Msix.IsEnabled) Msix.Deliver(vector);
        else Msi.Deliver(vector);
    }

    // vfio_pci_get_irq_count
    private int CountOf(uint index) => index switch
    {
        VfioPciIrqIndex.Intx => _config.InterruptPin != 0 ? 1 : 0,
        VfioPciIrqIndex.Msi => Msi.Count,
        VfioPciIrqIndex.Msix => Msix.Count,
        VfioPciIrqIndex.Err => _isExpress ? 1 : 0,
        VfioPciIrqIndex.Req => 1,
        _ => 0,
    };

    // vfio_set_irqs_validate_and_prepare
    private static KernelResult Check(in VfioIrqSet header, int interrupts, out int dataSize)
    {
        const uint known = VfioIrqSetFlags.DataTypeMask | VfioIrqSetFlags.ActionTypeMask;
        dataSize = 0;
        if (header.Argsz < HeaderSize) return UserMemory.ShortArgument("DEVICE_SET_IRQS", header.Argsz, HeaderSize);
        if (header.Index >= VfioPciIrqIndex.Count) return Refuse($"index {header.Index} is not one of 0 to {VfioPciIrqIndex.Count - 1}");
        if (header.Count >= uint.MaxValue - header.Start) return Refuse($"start {header.Start} and count {header.Count} overflow");
        if ((header.Flags & ~known) != 0) return Refuse($"unknown flags 0x{header.Flags & ~known:x}");
        if (header.Start >= (uint)interrupts || header.Start + header.Count > (uint)interrupts)
        {
            return Refuse($"start {header.Start}, count {header.Count}: index {header.Index} has {interrupts} interrupts");
        }

        uint size;
        switch (header.Flags & VfioIrqSetFlags.DataTypeMask)
        {
            case VfioIrqSetFlags.DataNone:
                return KernelResult.Success;
            case VfioIrqSetFlags.DataBool:
                size = header.Count;
                break;
            case VfioIrqSetFlags.DataEventfd:
                size = header.Count * 4;
                break;
            default:
                return Refuse($"flags 0x{header.Flags:x} name not exactly one kind of data");
        }

        if (header.Argsz - HeaderSize < size) return Refuse($"argsz {header.Argsz} has no room for the data, {HeaderSize} + {size} bytes");
        dataSize = (int)size;
        return KernelResult.Success;
    }

    // vfio_pci_set_irqs_ioctl
    private KernelResult Dispatch(Caller caller, in VfioIrqSet header, ReadOnlySpan<byte> data)
    {
        (uint index, uint flags, uint start, uint count) = (header.Index, header.Flags, header.Start, header.Count);
        uint action = flags & VfioIrqSetFlags.ActionTypeMask;
        if (index == VfioPciIrqIndex.Intx && action == VfioIrqSetFlags.ActionMask) return Intx.Mask(flags, start, count, data);
        if (index == VfioPciIrqIndex.Intx && action == VfioIrqSetFlags.ActionUnmask) return Intx.Unmask(caller, flags, start, count, data);
        if (action != VfioIrqSetFlags.ActionTrigger || (index == VfioPciIrqIndex.Err && !_isExpress))
        {
            return KernelResult.Fail(Errno.ENOTTY, $"DEVICE_SET_IRQS: index {index} has no action 0x{action:x}");
        }

        switch (index)
        {
            case VfioPciIrqIndex.Intx when !Msi.IsEnabled && !Msix.IsEnabled:
                return Intx.Trigger(caller, flags, start, count, data);
            case VfioPciIrqIndex.Msi when !Intx.IsEnabled && !Msix.IsEnabled:
                return Msi.Set(caller, flags, start, count, data);
            case VfioPciIrqIndex.Msix when !Intx.IsEnabled && !Msi.IsEnabled:
                return Msix.Set(caller, flags, start, count, data);
            case VfioPciIrqIndex.Err:
                return _error.Set(caller, flags, start, count, data);
            case VfioPciIrqIndex.Req:
                return _request.Set(caller, flags, start, count, data);
            default:
                string enabled = Intx.IsEnabled ? "INTx" : Msi.IsEnabled ? "MSI" : "MSI-X";
                return Refuse($"index {index}: {enabled} is enabled, and only one of INTx, MSI and MSI-X can be");
        }
    }

    private static KernelResult Refuse(string why) => KernelResult.Fail(Errno.EINVAL, "DEVICE_SET_IRQS: " + why);
}
