// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>The ERR and REQ interrupts: one eventfd each (vfio_pci_set_ctx_trigger_single).</summary>
internal sealed class EventTrigger
{
    private readonly PciFunction _function;
    private readonly uint _index;

    // Guards _event, so that it is not given back while it is signalled. Innermost.
    private readonly RankedLock _lock = new(LockRank.Trigger);
    private IEventHandle? _event;

    public EventTrigger(PciFunction function, uint index)
    {
        _function = function;
        _index = index;
    }

    /// <summary>SET_IRQS with TRIGGER. Called under the interrupts' lock.</summary>
    public KernelResult Set(Caller caller, uint flags, uint start, uint count, ReadOnlySpan<byte> data)
    {
        if (start != 0 || count > 1) return Refuse($"start {start}, count {count}: it has the one interrupt 0");
        switch (flags & VfioIrqSetFlags.DataTypeMask)
        {
            case VfioIrqSetFlags.DataNone:
                if (_event is null) return Refuse($"no eventfd is set that {count} signal(s) could go to");
                if (count == 0) Replace(null);
                else Signal();
                return KernelResult.Success;
            case VfioIrqSetFlags.DataBool:
                if (count == 0) return Refuse("DATA_BOOL with count 0");
                if (data[0] != 0) Signal();
                return KernelResult.Success;
            default:
                if (count == 0) return Refuse("DATA_EVENTFD with count 0");
                int descriptor = BitConverter.ToInt32(data);
                if (descriptor < -1) return Refuse($"descriptor {descriptor}: only -1 removes the eventfd");
                IEventHandle? handle = null;
                if (descriptor >= 0 && caller.Files.FindEvent(descriptor, out handle) is { IsError: true } error) return error;
                Replace(handle);
                return KernelResult.Success;
        }
    }

    /// <summary>Signals the eventfd, when there is one; says whether.</summary>
    public bool Signal()
    {
        using (_lock.EnterScope())
        {
            if (_event is null) return false;
            _event.Signal();
            _function.Activity?.Observer?.Interrupt(_function.Address, _index, 0);
            return true;
        }
    }

    /// <summary>Lets go of the eventfd.</summary>
    public void Clear() => Replace(null);

    private void Replace(IEventHandle? handle)
    {
        IEventHandle? old;
        using (_lock.EnterScope()) (old, _event) = (_event, handle);
        old?.Dispose();
    }

    private KernelResult Refuse(string why) => KernelResult.Fail(Errno.EINVAL, $"SET_IRQS {(_index == VfioPciIrqIndex.Err ? "ERR" : "REQ")}: {why}");
}
