// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Memory;

/// <summary>What a page of a guest's IOMMU leads to, or that it leads nowhere.</summary>
/// <param name="Offset">Where the page begins, counted from the region's start.</param>
/// <param name="Target">Where it leads, in the region's <see cref="IommuRegion.Target"/>.</param>
/// <param name="AddressMask">The bits of an address that are the offset in the page: its size less one.</param>
/// <param name="Access">What devices may do there; none: it is not mapped.</param>
public readonly record struct IommuEntry(ulong Offset, GuestPhysicalAddress Target, ulong AddressMask, DmaAccess Access)
{
    /// <summary>Size of the page in bytes.</summary>
    public ulong Size => AddressMask + 1;
}

/// <summary>Hears each change of a guest's IOMMU in a range.</summary>
/// <param name="start">First offset it wants to hear of.</param>
/// <param name="last">Last one.</param>
/// <param name="changed">Called for each entry that is set or taken away.</param>
public sealed class IommuNotifier(ulong start, ulong last, Action<IommuEntry> changed)
{
    /// <summary>First offset of the range.</summary>
    public ulong Start { get; } = start;

    /// <summary>Last offset of the range.</summary>
    public ulong Last { get; } = last;

    /// <summary>Says what an entry is now, if it lies in the range.</summary>
    public void Notify(in IommuEntry entry)
    {
        // An entry is an aligned page: it lies in the range as a whole, or not at all, as windows are made of pages.
        if (entry.Offset >= Start && entry.Offset <= Last) changed(entry);
    }
}

/// <summary>
/// A window of a guest's IOMMU: what devices access in it goes where the guest's entries say. Who mirrors the entries
/// on the host adds a notifier, and has the present ones replayed to it.
/// </summary>
public abstract class IommuRegion : MemoryRegion
{
    // Replaced, never changed: one may be added or removed while all are told.
    private IommuNotifier[] _notifiers = [];

    /// <summary>Makes a region.</summary>
    /// <param name="topology">The machine's regions.</param>
    /// <param name="name">For messages.</param>
    /// <param name="size">Size in bytes.</param>
    /// <param name="target">The space that entries lead to: the guest's memory.</param>
    protected IommuRegion(MemoryTopology topology, string name, ulong size, GuestAddressSpace target)
        : base(topology, name, size)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>The space that entries lead to.</summary>
    public GuestAddressSpace Target { get; }

    /// <summary>Bitmap of page sizes that entries can have: at least the host must have the smallest.</summary>
    public abstract ulong PageSizes { get; }

    /// <summary>Whether anybody hears of changes: without, a guest's hypercalls may be answered where nobody is told.</summary>
    public bool HasNotifiers => _notifiers.Length > 0;

    /// <summary>What an offset leads to now. Any thread may ask.</summary>
    /// <param name="offset">Offset in the region.</param>
    /// <param name="access">What is wanted, for IOMMUs that note it; the entry says what is allowed.</param>
    public abstract IommuEntry Translate(ulong offset, DmaAccess access);

    /// <summary>Adds a notifier. It hears of changes from now on; <see cref="Replay"/> tells what is there.</summary>
    public void AddNotifier(IommuNotifier notifier)
    {
        ArgumentNullException.ThrowIfNull(notifier);
        _notifiers = [.. _notifiers, notifier];
        if (_notifiers.Length == 1) NotificationChanged(isNeeded: true);
    }

    /// <summary>Removes a notifier.</summary>
    public void RemoveNotifier(IommuNotifier notifier)
    {
        bool had = HasNotifiers;
        _notifiers = [.. _notifiers.Where(other => other != notifier)];
        if (had && !HasNotifiers) NotificationChanged(isNeeded: false);
    }

    /// <summary>Tells one notifier each entry that maps something, once, in order.</summary>
    public void Replay(IommuNotifier notifier)
    {
        ArgumentNullException.ThrowIfNull(notifier);
        foreach (IommuEntry entry in MappedEntries()) notifier.Notify(entry);
    }

    /// <summary>Tells all notifiers what an entry is now.</summary>
    protected void Notify(in IommuEntry entry)
    {
        foreach (IommuNotifier notifier in _notifiers) notifier.Notify(entry);
    }

    /// <summary>The entries that map something, in order. Regions that know theirs better than by asking for each page say so.</summary>
    protected virtual IEnumerable<IommuEntry> MappedEntries()
    {
        ulong smallest = PageSizes & (~PageSizes + 1);
        for (ulong offset = 0; offset < Size;)
        {
            IommuEntry entry = Translate(offset, DmaAccess.None);
            bool isMapped = entry.Access != DmaAccess.None;
            if (isMapped) yield return entry;
            ulong step = isMapped ? entry.Size : smallest;
            if (step > Size - offset) break;
            offset += step;
        }
    }

    /// <summary>The first notifier was added, or the last removed.</summary>
    /// <param name="isNeeded">Whether anybody wants to hear now.</param>
    protected virtual void NotificationChanged(bool isNeeded)
    {
    }
}
