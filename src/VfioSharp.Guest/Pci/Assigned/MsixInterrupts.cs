// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>
/// MSI-X of an assigned device: the guest's table is emulated, and the host's vectors grow with those the guest uses
/// (hw/vfio/pci.c: vfio_msix_enable, vfio_msix_vector_do_use). A vector that the guest masks has no eventfd, so the host
/// masks it in the device, whose own pending bits the guest reads.
/// </summary>
/// <remarks>Called with the machine's lock held.</remarks>
internal sealed class MsixInterrupts(AssignedPciDevice device, VfioDevice host, MsixTable table, bool isFixedSize) : IMsixVectors
{
    private const int NoEvent = -1;

    private readonly AssignedVector?[] _vectors = new AssignedVector?[table.Vectors];

    // Host vectors that are set up, those among them that the guest does not use with no eventfd.
    private int _allocated;
    private bool _isOn;
    private bool _isStarting;

    internal MsixTable Table => table;

    internal int InUse => _vectors.Count(vector => vector is not null);

    internal int Accelerated => _vectors.Count(vector => vector is { IsAccelerated: true });

    /// <summary>
    /// The guest enabled it: vectors that are not masked are set up in one call. The host's device is to see it also when
    /// all are masked, for some talk to their firmware then: one vector is set up, with no eventfd.
    /// </summary>
    internal void Enable()
    {
        _isOn = true;
        _isStarting = true;
        table.SetListener(this);
        _isStarting = false;
        Grow(Math.Max(1, Array.FindLastIndex(_vectors, vector => vector is not null) + 1));
    }

    /// <summary>The guest disabled it, or the device is reset.</summary>
    internal void Disable()
    {
        _isOn = false;
        table.SetListener(null);
        if (_allocated > 0 && host.DisableInterrupts(VfioPciIrqIndex.Msix) is { IsError: true } refused) device.Warn($"MSI-X cannot be disabled ({refused})");
        _allocated = 0;
        for (int i = 0; i < _vectors.Length; i++)
        {
            _vectors[i]?.Dispose();
            _vectors[i] = null;
        }
    }

    void IMsixVectors.Use(int vector, MsiMessage message)
    {
        if (_vectors[vector] is { } known) known.Update(message);
        else _vectors[vector] = AssignedVector.Create(device, $"MSI-X {vector}", message, () => Notify(vector));
        if (_isStarting || _vectors[vector] is not { } used) return;
        if (vector < _allocated || !isFixedSize)
        {
            if (!SetOne(vector, used.Event.Descriptor)) return;
            _allocated = Math.Max(_allocated, vector + 1);

            // It may have fired while it was masked.
            Notify(vector);
        }
        else if (Grow(vector + 1))
        {
            // While the index was off any of them may have fired.
            for (int i = 0; i < _vectors.Length; i++)
                if (_vectors[i] is not null) Notify(i);
        }
    }

    void IMsixVectors.Release(int vector)
    {
        if (!_isOn || _vectors[vector] is not { } used) return;
        if (vector < _allocated) SetOne(vector, NoEvent);
        used.Dispose();
        _vectors[vector] = null;
    }

    // An index of fixed size is set up anew, whole; vectors that are not in use have no eventfd.
    private bool Grow(int count)
    {
        bool wasOn = _allocated > 0;
        if (wasOn) host.DisableInterrupts(VfioPciIrqIndex.Msix);
        KernelResult result = SetAll(count);
        if (result is { IsError: false, Value: 0 })
        {
            _allocated = count;
            return true;
        }

        device.Warn($"{count} MSI-X vectors cannot be enabled ({result}): {_allocated} are in use");

        // The host has fewer: as many as it has, or as were there before.
        int fewer = (int)Math.Max(result.Value, _allocated);
        if (fewer >= count) fewer = _allocated;
        _allocated = fewer > 0 && SetAll(fewer) is { IsError: false, Value: 0 } ? fewer : 0;
        return wasOn;
    }

    private KernelResult SetAll(int count)
    {
        int[] events = new int[count];
        for (int i = 0; i < count; i++) events[i] = _vectors[i]?.Event.Descriptor ?? NoEvent;
        return host.SetTriggers(VfioPciIrqIndex.Msix, 0, events);
    }

    private bool SetOne(int vector, int descriptor)
    {
        KernelResult result = host.SetTriggers(VfioPciIrqIndex.Msix, (uint)vector, [descriptor]);
        if (result is { IsError: false, Value: 0 }) return true;
        device.Warn($"MSI-X vector {vector} cannot be {(descriptor == NoEvent ? "released" : "set")} ({result})");
        return false;
    }

    private void Notify(int vector) => device.SendMessage(table.MessageOf(vector));
}
