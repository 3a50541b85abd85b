// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// The user's leave to put the device into a low power state (vfio_pci_core.c: vfio_pci_runtime_pm_entry). Calls
/// wake the device by themselves; mappings fault until the user leaves it. Made anew at each open.
/// </summary>
internal sealed class LowPower(VirtualConfig config, DmaBufs dmaBufs)
{
    // Guards _wakeUp and changes of IsEngaged. Innermost.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private IEventHandle? _wakeUp;
    private volatile bool _engaged;

    /// <summary>Whether the user gave leave.</summary>
    public bool IsEngaged => _engaged;

    /// <summary>LOW_POWER_ENTRY.</summary>
    public KernelResult Enter() => Enter(null);

    /// <summary>LOW_POWER_ENTRY_WITH_WAKEUP; its data is at <paramref name="address"/>.</summary>
    public KernelResult EnterWithWakeUp(Caller caller, ulong address)
    {
        const string call = "DEVICE_FEATURE LOW_POWER_ENTRY_WITH_WAKEUP";
        VfioDeviceLowPowerEntryWithWakeup entry = default;
        if (!UserMemory.TryRead(caller, address, ref entry)) return UserMemory.Fault(call, address, 8);
        if (entry.WakeupEventfd < 0) return KernelResult.Fail(Errno.EINVAL, $"{call}: descriptor {entry.WakeupEventfd} is negative");
        KernelResult found = caller.Files.FindEvent(entry.WakeupEventfd, out IEventHandle? handle);
        if (found.IsError) return found;
        KernelResult entered = Enter(handle);
        if (entered.IsError) handle!.Dispose();
        return entered;
    }

    /// <summary>LOW_POWER_EXIT, and the close of the device.</summary>
    public void Exit()
    {
        Leave(signal: false);
        if (config.IsMemoryEnabled) dmaBufs.Move(revoked: false);
    }

    /// <summary>
    /// A call reached the device, which had been put to sleep from D0 (vfio_pci_core_runtime_suspend) and is there again.
    /// One that was to be woken with notice leaves (vfio_pci_core_runtime_resume). Its dma-bufs stay revoked, as in the kernel.
    /// </summary>
    public void WakeForCall()
    {
        if (!_engaged) return;
        config.PowerUp();
        if (_wakeUp is not null) Leave(signal: true);
    }

    private KernelResult Enter(IEventHandle? wakeUp)
    {
        // Revoked even when the call is refused, as in the kernel.
        dmaBufs.Move(revoked: true);
        using (_lock.EnterScope())
        {
            if (_engaged) return KernelResult.Fail(Errno.EINVAL, $"DEVICE_FEATURE: low power was entered already (with wake-up: {_wakeUp is not null})");
            _wakeUp = wakeUp;
            _engaged = true;
            return KernelResult.Success;
        }
    }

    private void Leave(bool signal)
    {
        IEventHandle? wakeUp;
        using (_lock.EnterScope())
        {
            wakeUp = _wakeUp;
            _wakeUp = null;
            _engaged = false;
        }

        if (signal) wakeUp?.Signal();
        wakeUp?.Dispose();
    }
}
