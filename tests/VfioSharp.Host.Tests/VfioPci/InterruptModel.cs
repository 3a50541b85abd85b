// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Linux;
using static VfioSharp.Abi.Vfio.VfioIrqSetFlags;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>
/// What SET_IRQS answers and signals, in the plainest words: one field says which of INTx, MSI and MSI-X is on, one
/// table which eventfd a vector has (vfio_pci_intrs.c). The device is edu's kind: its line stays up until it is
/// acknowledged, and with MSI each raise is a message of vector 0.
/// </summary>
internal sealed class InterruptModel(int[] counts)
{
    private readonly Dictionary<(uint Index, uint Vector), int> _triggers = [];
    private uint? _enabled;
    private bool _hasUnmaskEvent;
    private bool _isMasked;
    private bool _line;

    private readonly Dictionary<int, ulong> _signals = [];

    /// <summary>The signals that an eventfd should have had since it was last asked for.</summary>
    public ulong Take(int descriptor) => _signals.Remove(descriptor, out ulong count) ? count : 0;

    /// <summary>The device raises its interrupt.</summary>
    public void Raise()
    {
        if (_enabled == VfioPciIrqIndex.Msi)
        {
            Signal(VfioPciIrqIndex.Msi, 0);
            return;
        }

        _line = true;
        Fire();
    }

    /// <summary>A driver acknowledges it; with MSI the line is left alone.</summary>
    public void Acknowledge() => _line &= _enabled == VfioPciIrqIndex.Msi;

    public Errno Set(uint index, uint flags, uint start, uint count, int[] descriptors, byte[] bools, Func<int, bool> isEvent)
    {
        uint data = flags & DataTypeMask, action = flags & ActionTypeMask;
        if (start >= counts[index] || start + count > counts[index]) return Errno.EINVAL;
        if (data is not (DataNone or DataBool or DataEventfd)) return Errno.EINVAL;
        bool isPin = index == VfioPciIrqIndex.Intx;
        if (isPin && action is ActionMask or ActionUnmask) return Masking(data, action, count, descriptors, bools, isEvent);
        if (action != ActionTrigger) return Errno.ENOTTY;
        return index >= VfioPciIrqIndex.Err ? Single(index, data, count, descriptors, bools, isEvent) : Trigger(index, data, start, count, descriptors, bools, isEvent);
    }

    // vfio_pci_set_intx_mask, vfio_pci_set_intx_unmask
    private Errno Masking(uint data, uint action, uint count, int[] descriptors, byte[] bools, Func<int, bool> isEvent)
    {
        if (_enabled != VfioPciIrqIndex.Intx || count != 1) return Errno.EINVAL;
        if (data != DataEventfd)
        {
            if (data == DataBool && bools[0] == 0) return Errno.None;
            if (action == ActionMask) _isMasked = true;
            else if (_isMasked && _line) Signal(VfioPciIrqIndex.Intx, 0);
            else _isMasked = false;
            return Errno.None;
        }

        if (action == ActionMask) return Errno.ENOTTY;
        if (descriptors[0] < 0) _hasUnmaskEvent = false;
        else if (!isEvent(descriptors[0])) return Errno.EBADF;
        else if (_hasUnmaskEvent) return Errno.EBUSY;
        else _hasUnmaskEvent = true;
        return Errno.None;
    }

    // vfio_pci_set_intx_trigger, vfio_pci_set_msi_trigger
    private Errno Trigger(uint index, uint data, uint start, uint count, int[] descriptors, byte[] bools, Func<int, bool> isEvent)
    {
        bool isOn = _enabled == index, isPin = index == VfioPciIrqIndex.Intx;
        if (isOn && count == 0 && data == DataNone)
        {
            Disable();
            return Errno.None;
        }

        if ((_enabled is not null && !isOn) || (isPin && count != 1)) return Errno.EINVAL;
        if (data == DataEventfd)
        {
            if (!isOn && start + count == 0) return Errno.ERANGE;
            for (uint i = 0; i < count; i++)
            {
                // INTx looks its eventfd up before it lets the old one go, a message after.
                if (isPin && descriptors[i] >= 0 && !isEvent(descriptors[i])) return Errno.EBADF;
                _triggers.Remove((index, start + i));
                if (descriptors[i] < 0) continue;
                if (isEvent(descriptors[i]))
                {
                    _triggers[(index, start + i)] = descriptors[i];
                    continue;
                }

                for (uint undone = 0; undone < i; undone++) _triggers.Remove((index, start + undone));
                return Errno.EBADF;
            }

            _enabled = index;
            if (isOn || !isPin) return Errno.None;
            _isMasked = false;
            Fire();
            return Errno.None;
        }

        if (!isOn) return Errno.EINVAL;
        for (uint i = 0; i < count; i++)
        {
            if (data == DataNone || bools[i] != 0) Signal(index, start + i);
        }

        return Errno.None;
    }

    // vfio_pci_set_ctx_trigger_single
    private Errno Single(uint index, uint data, uint count, int[] descriptors, byte[] bools, Func<int, bool> isEvent)
    {
        if (data == DataNone)
        {
            if (!_triggers.ContainsKey((index, 0))) return Errno.EINVAL;
            if (count != 0) Signal(index, 0);
            else _triggers.Remove((index, 0));
            return Errno.None;
        }

        if (count == 0) return Errno.EINVAL;
        if (data == DataBool)
        {
            if (bools[0] != 0) Signal(index, 0);
        }
        else if (descriptors[0] < 0)
        {
            _triggers.Remove((index, 0));
        }
        else if (isEvent(descriptors[0]))
        {
            _triggers[(index, 0)] = descriptors[0];
        }
        else
        {
            return Errno.EBADF;
        }

        return Errno.None;
    }

    private void Disable()
    {
        foreach ((uint Index, uint Vector) key in _triggers.Keys.Where(key => key.Index == _enabled).ToArray()) _triggers.Remove(key);
        _enabled = null;
        _hasUnmaskEvent = false;
    }

    // vfio_intx_handler: masked as it fires, until the user unmasks it.
    private void Fire()
    {
        if (_enabled != VfioPciIrqIndex.Intx || !_line || _isMasked) return;
        _isMasked = true;
        Signal(VfioPciIrqIndex.Intx, 0);
    }

    private void Signal(uint index, uint vector)
    {
        if (_triggers.TryGetValue((index, vector), out int target)) _signals[target] = _signals.GetValueOrDefault(target) + 1;
    }
}
