// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Groups;

/// <summary>
/// A device that a VFIO bus driver (vfio-pci) has bound: what <c>struct vfio_device</c> and its ops are in Linux.
/// The group code opens and closes it; <see cref="DeviceFile"/> forwards a user's calls.
/// </summary>
public abstract class VfioDevice
{
    /// <summary>The name users ask for: the PCI address.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether <paramref name="request"/> (GET_DEVICE_FD's text, "BDF [options]") names this device
    /// (vfio_pci_core.c: vfio_pci_core_match): 1 yes, 0 no, an error when it does but its options are refused.
    /// </summary>
    public abstract KernelResult Match(string request);

    /// <summary>First open: enables the device (vfio_pci_core_enable).</summary>
    public abstract KernelResult OpenDevice();

    /// <summary>Last close: interrupts off, state restored, reset (vfio_pci_core_disable).</summary>
    public abstract void CloseDevice();

    /// <summary>Somebody wants the device back: signals the REQ interrupt; called again every ten seconds.</summary>
    public abstract void RequestRelease(uint attempt);

    /// <summary>The parts of its regions that are plain memory.</summary>
    public virtual FileMemory? Memory => null;

    /// <summary>An ioctl on a device descriptor.</summary>
    public abstract KernelResult Ioctl(Caller caller, uint request, ulong argument);

    /// <summary>pread on a device descriptor.</summary>
    public abstract KernelResult Read(Caller caller, ulong address, ulong count, ulong offset);

    /// <summary>pwrite on a device descriptor.</summary>
    public abstract KernelResult Write(Caller caller, ulong address, ulong count, ulong offset);

    /// <summary>mmap on a device descriptor.</summary>
    public abstract KernelResult Map(in MapRequest request, out IMappedRegion? region);

    /// <summary>Descriptors open. Guarded by the group registry's lock.</summary>
    internal int OpenCount { get; set; }

    /// <summary>Signalled when the last descriptor is closed, while the bus driver waits to let go. Guarded likewise.</summary>
    internal ManualResetEventSlim? Released { get; set; }

    /// <summary>The group the device was registered in.</summary>
    internal VfioGroup? VfioGroup { get; set; }
}
