// SPDX-License-Identifier: MIT
using VfioSharp.Host.Groups;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Iommu;

/// <summary>A function's way into the IOMMU: translation by its group's domain.</summary>
internal sealed class DmaPort(PciFunction function, IommuGroup? group, IommuFaultLog faults) : IDmaPort
{
    /// <summary>The function's cache of translations.</summary>
    internal Iotlb Cache { get; } = new();

    /// <inheritdoc/>
    public bool Read(Iova iova, Span<byte> destination)
    {
        bool isComplete = CopyIn(iova, destination);
        function.Activity?.Observer?.Dma(function.Address, iova, destination.Length, isWrite: false, isComplete);
        return isComplete;
    }

    /// <inheritdoc/>
    public bool Write(Iova iova, ReadOnlySpan<byte> source)
    {
        bool isComplete = CopyOut(iova, source);
        function.Activity?.Observer?.Dma(function.Address, iova, source.Length, isWrite: true, isComplete);
        return isComplete;
    }

    private bool CopyIn(Iova iova, Span<byte> destination)
    {
        if (function.Isolation is { BlocksDma: true })
        {
            destination.Clear();
            return Refuse(iova, isWrite: false);
        }

        IommuDomain? domain = group?.Domain;
        if (domain is null)
        {
            destination.Clear();
            return Fault(new DmaFault(function.Address, iova, IsWrite: false, DmaFaultReason.Blocked));
        }

        DmaFault? fault = null;
        int epoch = domain.BeginAccess();
        try
        {
            while (!destination.IsEmpty)
            {
                DmaTranslation found = domain.Translate(iova.Value, Cache);
                int count = (int)Math.Min((ulong)destination.Length, found.Length);
                Span<byte> part = destination[..count];
                if (found.Memory is null || (found.Access & DmaAccess.Read) == 0 || !found.Memory.Read(found.Offset, part))
                {
                    part.Clear();
                    fault ??= new DmaFault(function.Address, iova, IsWrite: false, ReasonOf(found, DmaAccess.Read));
                }

                destination = destination[count..];
                iova += (ulong)count;
            }
        }
        finally
        {
            domain.EndAccess(epoch);
        }

        return fault is null || Fault(fault.Value);
    }

    private bool CopyOut(Iova iova, ReadOnlySpan<byte> source)
    {
        if (function.Isolation is { BlocksDma: true }) return Refuse(iova, isWrite: true);
        IommuDomain? domain = group?.Domain;
        if (domain is null) return Fault(new DmaFault(function.Address, iova, IsWrite: true, DmaFaultReason.Blocked));
        DmaFault? fault = null;
        int epoch = domain.BeginAccess();
        try
        {
            while (!source.IsEmpty)
            {
                DmaTranslation found = domain.Translate(iova.Value, Cache);
                int count = (int)Math.Min((ulong)source.Length, found.Length);
                if (found.Memory is null || (found.Access & DmaAccess.Write) == 0 || !found.Memory.Write(found.Offset, source[..count]))
                {
                    fault ??= new DmaFault(function.Address, iova, IsWrite: true, ReasonOf(found, DmaAccess.Write));
                }

                source = source[count..];
                iova += (ulong)count;
            }
        }
        finally
        {
            domain.EndAccess(epoch);
        }

        return fault is null || Fault(fault.Value);
    }

    private static DmaFaultReason ReasonOf(DmaTranslation found, DmaAccess needed) => found.Memory is null
        ? found.Fault
        : (found.Access & needed) == 0 ? DmaFaultReason.NotAllowed : DmaFaultReason.MemoryGone;

    // The function is cut off: the IOMMU never hears of the request.
    private bool Refuse(Iova iova, bool isWrite)
    {
        faults.Record(new DmaFault(function.Address, iova, isWrite, DmaFaultReason.Isolated));
        return false;
    }

    // Once an access has ended: what the hardware does may wait for accesses.
    private bool Fault(in DmaFault fault)
    {
        faults.Record(in fault);
        function.Isolation?.DmaFailed();
        return false;
    }
}
