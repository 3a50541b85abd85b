// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Memory;

namespace VfioSharp.Guest.Tests.Memory;

/// <summary>A guest's IOMMU window with a table in a dictionary.</summary>
internal sealed class TestWindow(MemoryTopology topology, ulong size, GuestAddressSpace target, ulong pageSize = 0x1000)
    : IommuRegion(topology, "window", size, target)
{
    private readonly Dictionary<ulong, (ulong Target, DmaAccess Access)> _entries = [];

    public override ulong PageSizes => pageSize;

    public IReadOnlyDictionary<ulong, (ulong Target, DmaAccess Access)> Entries => _entries;

    public override IommuEntry Translate(ulong offset, DmaAccess access)
    {
        ulong page = offset & ~(pageSize - 1);
        (ulong leads, DmaAccess allowed) = _entries.GetValueOrDefault(page);
        return new IommuEntry(page, new GuestPhysicalAddress(leads), pageSize - 1, allowed);
    }

    public void Set(ulong offset, ulong leads, DmaAccess access)
    {
        if (access == DmaAccess.None) _entries.Remove(offset);
        else _entries[offset] = (leads, access);
        Notify(Translate(offset, DmaAccess.None));
    }
}
