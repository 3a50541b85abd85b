// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Host.Iommu;

/// <summary>
/// Where a PCI function's memory requests enter the IOMMU, by its requester id. All DMA of a device model goes
/// through here. Thread-safe; allocates nothing, takes no lock when the translation is cached.
/// </summary>
public interface IDmaPort
{
    /// <summary>
    /// A memory read of the device: translates and copies, across as many mappings as it takes.
    /// False when any part was not translated or not readable: the fault is recorded, those bytes are zero.
    /// </summary>
    bool Read(Iova iova, Span<byte> destination);

    /// <summary>A memory write of the device. False when any part was not translated or not writable: those bytes vanish.</summary>
    bool Write(Iova iova, ReadOnlySpan<byte> source);
}
