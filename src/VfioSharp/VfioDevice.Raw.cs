// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <content>
/// The calls a virtual machine monitor makes, whose refusals it answers itself: results are the kernel's, nothing throws
/// for them. Each is one DEVICE_SET_IRQS or hot reset.
/// </content>
public sealed partial class VfioDevice
{
    /// <summary>
    /// SET_IRQS, DATA_EVENTFD | ACTION_TRIGGER: gives eventfds to vectors from <paramref name="first"/> on; -1 takes one away.
    /// A positive result is how many vectors there are when that many are not.
    /// </summary>
    /// <param name="index">Which: <c>VfioPciIrqIndex.Intx</c> and so on.</param>
    /// <param name="first">The first vector.</param>
    /// <param name="events">Descriptors of eventfds, one a vector.</param>
    public KernelResult SetTriggers(uint index, uint first, ReadOnlySpan<int> events)
    {
        ThrowIfDisposed();
        return InterruptCalls.SetEvents(_file, index, VfioIrqSetFlags.ActionTrigger, first, events);
    }

    /// <summary>SET_IRQS, DATA_EVENTFD | ACTION_UNMASK: the line is unmasked whenever the eventfd is signalled; -1 ends that.</summary>
    public KernelResult SetUnmaskEvent(uint index, int eventDescriptor)
    {
        ThrowIfDisposed();
        return InterruptCalls.SetEvents(_file, index, VfioIrqSetFlags.ActionUnmask, 0, [eventDescriptor]);
    }

    /// <summary>SET_IRQS, DATA_NONE | ACTION_MASK of vector 0.</summary>
    public KernelResult MaskInterrupt(uint index)
    {
        ThrowIfDisposed();
        return InterruptCalls.Act(_file, index, VfioIrqSetFlags.ActionMask, 0, 1);
    }

    /// <summary>SET_IRQS, DATA_NONE | ACTION_UNMASK of vector 0.</summary>
    public KernelResult UnmaskInterrupt(uint index)
    {
        ThrowIfDisposed();
        return InterruptCalls.Act(_file, index, VfioIrqSetFlags.ActionUnmask, 0, 1);
    }

    /// <summary>SET_IRQS, DATA_NONE | ACTION_TRIGGER with no vectors: disables the index.</summary>
    public KernelResult DisableInterrupts(uint index)
    {
        ThrowIfDisposed();
        return InterruptCalls.Act(_file, index, VfioIrqSetFlags.ActionTrigger, 0, 0);
    }

    /// <summary>GET_PCI_HOT_RESET_INFO: the devices that a reset of this one's bus or slot would reset.</summary>
    public KernelResult GetHotResetInfo(out IReadOnlyList<DependentDevice> devices)
    {
        ThrowIfDisposed();
        return HotResets.GetInfo(_file, out devices);
    }

    /// <summary>PCI_HOT_RESET: resets this device's bus or slot; the groups show that all devices there are the caller's.</summary>
    public KernelResult HotReset(IReadOnlyList<VfioGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ThrowIfDisposed();
        int[] descriptors = new int[groups.Count];
        for (int i = 0; i < descriptors.Length; i++) descriptors[i] = groups[i].File.Descriptor;
        return HotResets.Reset(_file, descriptors);
    }

    /// <summary>DEVICE_RESET, as <see cref="Reset"/>.</summary>
    public KernelResult TryReset()
    {
        ThrowIfDisposed();
        return _file.Ioctl(VfioIoctl.DeviceReset, 0);
    }

    /// <summary>DEVICE_GET_IRQ_INFO, as <see cref="GetInterruptInfo"/>.</summary>
    public KernelResult TryGetInterruptInfo(uint index, out InterruptInfo info)
    {
        ThrowIfDisposed();
        return InterruptCalls.GetInfo(_file, index, out info);
    }
}
