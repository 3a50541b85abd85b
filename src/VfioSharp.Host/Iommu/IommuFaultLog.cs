// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Iommu;

/// <summary>Why DMA was not translated.</summary>
public enum DmaFaultReason
{
    /// <summary>The requester's group is in no container: all its DMA is blocked.</summary>
    Blocked,

    /// <summary>Nothing is mapped at the address.</summary>
    NotMapped,

    /// <summary>The mapping does not allow the access.</summary>
    NotAllowed,

    /// <summary>The memory behind the mapping is gone.</summary>
    MemoryGone,

    /// <summary>The function is cut off after an error; no request of it gets to the IOMMU.</summary>
    Isolated,
}

/// <summary>A DMA fault, as an IOMMU's fault record tells it.</summary>
/// <param name="Requester">Who asked.</param>
/// <param name="Iova">The first address that failed.</param>
/// <param name="IsWrite">Whether it was a write.</param>
/// <param name="Reason">Why.</param>
public readonly record struct DmaFault(PciAddress Requester, Iova Iova, bool IsWrite, DmaFaultReason Reason);

/// <summary>The last DMA faults of a machine, and how many there were. Thread-safe; recording does not allocate.</summary>
public sealed class IommuFaultLog
{
    private readonly RecentEvents<DmaFault> _events = new();

    /// <summary>Faults since the machine started.</summary>
    public long Count => _events.Count;

    /// <summary>The last faults, oldest first, at most 256.</summary>
    public IReadOnlyList<DmaFault> Recent() => _events.Snapshot();

    internal void Record(in DmaFault fault) => _events.Record(in fault);
}
