// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host;

/// <summary>
/// Hears what the machine's devices do, as it happens: from any thread, below locks of the host. So an observer is
/// thread-safe, quick, and calls nothing of the host.
/// </summary>
public interface IHostObserver
{
    /// <summary>A device read or wrote memory.</summary>
    /// <param name="device">Which device.</param>
    /// <param name="iova">Where.</param>
    /// <param name="length">Bytes asked for.</param>
    /// <param name="isWrite">Whether the device wrote.</param>
    /// <param name="isComplete">Whether all of it was translated and done.</param>
    void Dma(PciAddress device, Iova iova, int length, bool isWrite, bool isComplete);

    /// <summary>An interrupt of a device was signalled to its user.</summary>
    /// <param name="device">Which device.</param>
    /// <param name="index">One of <see cref="Abi.Vfio.VfioPciIrqIndex"/>.</param>
    /// <param name="vector">Which of the index's interrupts.</param>
    void Interrupt(PciAddress device, uint index, int vector);
}
