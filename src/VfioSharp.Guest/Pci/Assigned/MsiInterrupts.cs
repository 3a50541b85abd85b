// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Pci.Assigned;

/// <summary>MSI of an assigned device: the guest's capability is emulated, vectors are the host's (hw/vfio/pci.c: vfio_msi_enable).</summary>
/// <remarks>Called with the machine's lock held.</remarks>
internal sealed class MsiInterrupts(AssignedPciDevice device, VfioDevice host, MsiCapability capability)
{
    private readonly List<AssignedVector> _vectors = [];

    internal MsiCapability Capability => capability;

    internal int InUse => _vectors.Count;

    internal int Accelerated => _vectors.Count(vector => vector.IsAccelerated);

    /// <summary>The guest enabled it: as many vectors as it allocated, or as the host has.</summary>
    internal void Enable()
    {
        int count = capability.Allocated;
        while (true)
        {
            for (int i = 0; i < count; i++)
            {
                int vector = i;
                if (AssignedVector.Create(device, $"MSI {i}", capability.MessageOf(i), () => Fire(vector)) is { } made) _vectors.Add(made);
            }

            // As many as there are eventfds for.
            count = _vectors.Count;
            if (count == 0) return;

            int[] events = [.. _vectors.Select(vector => vector.Event.Descriptor)];
            KernelResult result = host.SetTriggers(VfioPciIrqIndex.Msi, 0, events);
            if (result is { IsError: false, Value: 0 })
            {
                capability.Allocated = count;
                return;
            }

            Free();
            if (result.IsError || result.Value >= count)
            {
                device.Warn($"{count} MSI vectors cannot be enabled ({result})");
                return;
            }

            // What the host does have.
            count = (int)result.Value;
        }
    }

    /// <summary>The guest disabled it, or the device is reset.</summary>
    internal void Disable()
    {
        bool wasOn = _vectors.Count > 0;
        if (wasOn && host.DisableInterrupts(VfioPciIrqIndex.Msi) is { IsError: true } refused) device.Warn($"MSI cannot be disabled ({refused})");
        Free();
        capability.Allocated = 1;
    }

    /// <summary>The guest wrote the capability while it is enabled: messages may have changed, and vectors been unmasked.</summary>
    internal void Written()
    {
        for (int i = 0; i < _vectors.Count; i++) _vectors[i].Update(capability.MessageOf(i));
        for (int vector = capability.TakePending(); vector >= 0; vector = capability.TakePending()) device.SendMessage(capability.MessageOf(vector));
    }

    private void Fire(int vector)
    {
        if (capability.IsMasked(vector)) capability.SetPending(vector);
        else device.SendMessage(capability.MessageOf(vector));
    }

    private void Free()
    {
        foreach (AssignedVector vector in _vectors) vector.Dispose();
        _vectors.Clear();
    }
}
