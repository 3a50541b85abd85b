// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Abi.PciRegs;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>MSI or MSI-X (vfio_pci_intrs.c: vfio_msi_enable and after). One of the two is enabled at a time.</summary>
internal sealed class MessageInterrupts
{
    private readonly PciFunction _function;
    private readonly IntxInterrupt _intx;
    private readonly int _capability;

    // Guards _events, so that an eventfd is not given back while it is signalled. Innermost.
    private readonly RankedLock _lock = new(LockRank.Trigger);
    private IEventHandle?[] _events = [];
    private int _allocated;

    public MessageInterrupts(PciFunction function, IntxInterrupt intx, int capability, bool isMsix, bool grows)
    {
        _function = function;
        _intx = intx;
        _capability = capability;
        IsMsix = isMsix;
        Grows = grows;
    }

    public bool IsMsix { get; }

    /// <summary>Whether vectors beyond those enabled first are allocated when they are asked for (pci_msix_can_alloc_dyn).</summary>
    public bool Grows { get; }

    public bool IsEnabled { get; private set; }

    /// <summary>Logarithm of the vectors last asked for (msi_qmax); 0 before.</summary>
    public int QueueLimit { get; private set; }

    /// <summary>Vectors the function has.</summary>
    public int Count
    {
        get
        {
            if (_capability == 0) return 0;
            uint control = _function.ReadConfig(_capability + 2, 2);
            return IsMsix ? (int)(control & PciMsix.FlagsQsize) + 1 : 1 << (int)((control & PciMsi.FlagsQmask) >> 1);
        }
    }

    private string Name => IsMsix ? "MSI-X" : "MSI";

    /// <summary>SET_IRQS with TRIGGER (vfio_pci_set_msi_trigger). Called under the interrupts' lock.</summary>
    public KernelResult Set(Caller caller, uint flags, uint start, uint count, ReadOnlySpan<byte> data)
    {
        uint type = flags & VfioIrqSetFlags.DataTypeMask;
        if (IsEnabled && count == 0 && type == VfioIrqSetFlags.DataNone)
        {
            Disable();
            return KernelResult.Success;
        }

        if (type == VfioIrqSetFlags.DataEventfd)
        {
            if (IsEnabled) return SetEvents(caller, start, count, data);
            if (start + count == 0) return KernelResult.Fail(Errno.ERANGE, $"SET_IRQS {Name}: 0 vectors cannot be enabled");
            Enable((int)(start + count));
            KernelResult result = SetEvents(caller, start, count, data);
            if (result.IsError) Disable();
            return result;
        }

        if (!IsEnabled) return KernelResult.Fail(Errno.EINVAL, $"SET_IRQS {Name}: it is not enabled, eventfds come first");
        for (uint i = 0; i < count; i++)
        {
            if (type == VfioIrqSetFlags.DataNone || data[(int)i] != 0) Deliver((int)(start + i));
        }

        return KernelResult.Success;
    }

    /// <summary>The function sent a message.</summary>
    public void Deliver(int vector)
    {
        using (_lock.EnterScope())
        {
            if ((uint)vector >= (uint)_events.Length || _events[vector] is not { } handle) return;
            handle.Signal();
            _function.Activity?.Observer?.Interrupt(_function.Address, IsMsix ? VfioPciIrqIndex.Msix : VfioPciIrqIndex.Msi, vector);
        }
    }

    /// <summary>Turns it off and lets go of the eventfds (vfio_msi_disable).</summary>
    public void Disable()
    {
        if (!IsEnabled) return;
        for (int vector = 0; vector < _events.Length; vector++) Replace(vector, null);
        SetHardware(enabled: false);
        _intx.FollowMessages(messagesEnabled: false);
        IsEnabled = false;
        _allocated = 0;
    }

    /// <summary>After a reset the kernel writes its message state anew (pci_restore_msi_state).</summary>
    public void RestoreAfterReset()
    {
        if (IsEnabled) SetHardware(enabled: true);
    }

    private void Enable(int vectors)
    {
        using (_lock.EnterScope()) _events = new IEventHandle?[Count];
        _allocated = vectors;
        if (!IsMsix) QueueLimit = BitOperations.Log2((uint)((vectors * 2) - 1));
        SetHardware(enabled: true);
        _intx.FollowMessages(messagesEnabled: true);
        IsEnabled = true;
    }

    private void SetHardware(bool enabled)
    {
        int at = _capability + 2;
        uint control = _function.ReadConfig(at, 2);
        if (IsMsix)
        {
            control &= ~(uint)(PciMsix.FlagsEnable | PciMsix.FlagsMaskall);
            if (enabled) control |= PciMsix.FlagsEnable;
        }
        else
        {
            control &= ~(uint)(PciMsi.FlagsEnable | PciMsi.FlagsQsize);
            if (enabled) control |= PciMsi.FlagsEnable | ((uint)BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)_allocated)) << 4);
        }

        _function.WriteConfig(at, 2, control);
    }

    // vfio_msi_set_block: all or nothing.
    private KernelResult SetEvents(Caller caller, uint start, uint count, ReadOnlySpan<byte> data)
    {
        for (uint i = 0; i < count; i++)
        {
            KernelResult result = SetEvent(caller, (int)(start + i), BitConverter.ToInt32(data[(int)(4 * i)..]));
            if (result.IsSuccess) continue;
            for (uint undo = 0; undo <= i; undo++) Replace((int)(start + undo), null);
            return result;
        }

        return KernelResult.Success;
    }

    // vfio_msi_set_vector_signal: the old eventfd goes first, whatever comes of the new one.
    private KernelResult SetEvent(Caller caller, int vector, int descriptor)
    {
        Replace(vector, null);
        if (descriptor < 0) return KernelResult.Success;
        // vfio_msi_alloc_irq: MSI's vectors are allocated at once; those of MSI-X may grow.
        if (!Grows && vector >= _allocated)
        {
            return KernelResult.Fail(Errno.EINVAL, $"SET_IRQS {Name}: vector {vector} is not one of the {_allocated} that were enabled");
        }

        KernelResult found = caller.Files.FindEvent(descriptor, out IEventHandle? handle);
        if (found.IsError) return found;
        Replace(vector, handle);
        return KernelResult.Success;
    }

    private void Replace(int vector, IEventHandle? handle)
    {
        IEventHandle? old;
        using (_lock.EnterScope()) (old, _events[vector]) = (_events[vector], handle);
        old?.Dispose();
    }
}
