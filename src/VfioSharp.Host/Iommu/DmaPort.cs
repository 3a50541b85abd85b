// SPDX-License-Identifier: MIT
using VfioSharp.Host.Groups;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Host.Iommu;

/// <summary>A function's way into the IOMMU: translation by its group's domain, with a small cache of its own (an IOTLB).</summary>
internal sealed class DmaPort(PciAddress requester, IommuGroup? group, IommuFaultLog faults) : IDmaPort
{
    private const int CacheSize = 64;

    // Written and read without a lock: an entry counts only while its mapping lives and belongs to the current domain.
    private readonly DmaMapping?[] _cache = new DmaMapping?[CacheSize];

    /// <inheritdoc/>
    public bool Read(Iova iova, Span<byte> destination)
    {
        IommuDomain? domain = group?.Domain;
        if (domain is null)
        {
            destination.Clear();
            return Fault(iova, isWrite: false, DmaFaultReason.Blocked);
        }

        bool whole = true;
        int epoch = domain.BeginAccess();
        try
        {
            while (!destination.IsEmpty)
            {
                int count = destination.Length;
                DmaMapping? mapping = Translate(domain, iova.Value, out ulong offset);
                count = Limit(mapping, offset, iova.Value, count);
                Span<byte> part = destination[..count];
                if (mapping is null || (mapping.Access & DmaAccess.Read) == 0 || !mapping.Memory.Read(offset, part))
                {
                    part.Clear();
                    whole = Fault(iova, isWrite: false, ReasonOf(mapping, DmaAccess.Read));
                }

                destination = destination[count..];
                iova += (ulong)count;
            }
        }
        finally
        {
            domain.EndAccess(epoch);
        }

        return whole;
    }

    /// <inheritdoc/>
    public bool Write(Iova iova, ReadOnlySpan<byte> source)
    {
        IommuDomain? domain = group?.Domain;
        if (domain is null) return Fault(iova, isWrite: true, DmaFaultReason.Blocked);
        bool whole = true;
        int epoch = domain.BeginAccess();
        try
        {
            while (!source.IsEmpty)
            {
                DmaMapping? mapping = Translate(domain, iova.Value, out ulong offset);
                int count = Limit(mapping, offset, iova.Value, source.Length);
                if (mapping is null || (mapping.Access & DmaAccess.Write) == 0 || !mapping.Memory.Write(offset, source[..count]))
                {
                    whole = Fault(iova, isWrite: true, ReasonOf(mapping, DmaAccess.Write));
                }

                source = source[count..];
                iova += (ulong)count;
            }
        }
        finally
        {
            domain.EndAccess(epoch);
        }

        return whole;
    }

    /// <summary>The mapping at an IOVA and where in it that is; null when there is none. Inside an access of the domain.</summary>
    internal DmaMapping? Translate(IommuDomain domain, ulong iova, out ulong offset)
    {
        ref DmaMapping? slot = ref _cache[(int)((iova >> 12) ^ (iova >> 21)) & (CacheSize - 1)];
        DmaMapping? cached = Volatile.Read(ref slot);
        if (cached is not null)
        {
            offset = iova - cached.Start;
            if (offset < cached.Size && cached.Live && cached.Domain == domain) return cached;
        }

        return Walk(domain, iova, ref slot, out offset);
    }

    private static DmaMapping? Walk(IommuDomain domain, ulong iova, ref DmaMapping? slot, out ulong offset)
    {
        DmaMapping? found = domain.Find(iova);
        offset = found is null ? 0 : iova - found.Start;
        if (found is not null) Volatile.Write(ref slot, found);
        return found;
    }

    // Up to the mapping's end; where nothing is mapped, up to the next 4 KiB page.
    private static int Limit(DmaMapping? mapping, ulong offset, ulong iova, int count) =>
        (int)Math.Min((ulong)count, mapping is null ? 4096 - (iova & 4095) : mapping.Size - offset);

    private static DmaFaultReason ReasonOf(DmaMapping? mapping, DmaAccess needed) => mapping is null
        ? DmaFaultReason.NotMapped
        : (mapping.Access & needed) == 0 ? DmaFaultReason.NotAllowed : DmaFaultReason.MemoryGone;

    private bool Fault(Iova iova, bool isWrite, DmaFaultReason reason)
    {
        faults.Record(new DmaFault(requester, iova, isWrite, reason));
        return false;
    }
}
