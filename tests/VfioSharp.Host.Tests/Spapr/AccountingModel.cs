// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Tests.Spapr;

/// <summary>
/// What a process has registered and mapped, kept in lists: the rules of registrations and entries as a reader would write
/// them down, with the two oddities that keep a charge.
/// </summary>
internal sealed class AccountingModel(ulong page, bool keepsUnregistered)
{
    public const ulong Chunk = 0x10000;

    private readonly List<Region> _regions = [];

    /// <summary>Pages that failed creations of windows leave charged.</summary>
    public long Leaked { get; set; }

    /// <summary>Regions registered.</summary>
    public int Count => _regions.Count;

    /// <summary>Pages that are to be charged, without the tables.</summary>
    public long RegisteredPages => _regions.Sum(region => (long)(region.Size / page));

    /// <summary>Entries that point into registered memory.</summary>
    public long Entries => _regions.Sum(region => region.Entries);

    public string Register(Holder holder, ulong address, ulong size)
    {
        holder.IsBound = true;
        Region? exact = Exact(address, size);
        if (exact is not null && holder.Held.Contains(exact)) return "EBUSY";
        if (exact is null)
        {
            if (_regions.Exists(other => other.Address < address + size && address < other.Address + other.Size)) return "EINVAL";
            _regions.Add(exact = new Region(address, size));
        }

        // Where nobody holds it, the documented kernel lets the container take that place.
        exact.Users++;
        if (!keepsUnregistered && exact.IsOwnerless) (exact.IsOwnerless, exact.Users) = (false, exact.Users - 1);
        holder.Held.Add(exact);
        holder.IsEnabled = true;
        return "0";
    }

    public string Unregister(Holder holder, ulong address, ulong size)
    {
        if (!holder.IsBound) return "EPERM";
        if (Exact(address, size) is not { } region || !holder.Held.Contains(region)) return "ENOENT";
        if (!keepsUnregistered && region.Users == 1 && region.Entries != 0) return "EBUSY";
        Put(holder, region);
        return "0";
    }

    /// <summary>Maps pages of a window one by one, until one is not in a region.</summary>
    public string Map(Window window, ulong iova, ulong address, ulong size)
    {
        for (ulong done = 0; done < size; done += window.Page)
        {
            if (Find(address + done, window.Page) is not { } region)
            {
                for (ulong built = 0; built < done; built += window.Page) Clear(window, iova + built);
                return "EINVAL";
            }

            region.Entries++;
            if (window.Entries.TryGetValue(iova + done, out ulong old)) Find(old, window.Page)!.Entries--;
            window.Entries[iova + done] = address + done;
        }

        return "0";
    }

    public void Unmap(Window window, ulong iova, ulong size)
    {
        foreach (ulong at in window.Entries.Keys.Where(at => at >= iova && at - iova < size).ToList()) Clear(window, at);
    }

    /// <summary>The container's IOMMU goes: windows first, then what it holds.</summary>
    public void Release(Holder holder)
    {
        foreach (Window window in holder.Windows.OfType<Window>()) Unmap(window, 0, ulong.MaxValue);
        Array.Clear(holder.Windows);
        foreach (Region region in holder.Held.ToList()) Put(holder, region);

        // A container that did nothing knows of no process, so it cleans up for none.
        if (!keepsUnregistered && holder.IsBound) _regions.RemoveAll(region => region is { IsOwnerless: true, Users: 1, Entries: 0 });
        holder.IsEnabled = holder.IsBound = false;
        holder.IsPending = true;
    }

    private void Clear(Window window, ulong iova)
    {
        if (window.Entries.Remove(iova, out ulong address)) Find(address, window.Page)!.Entries--;
    }

    private void Put(Holder holder, Region region)
    {
        holder.Held.Remove(region);
        if (--region.Users != 0) return;
        if (region.Entries == 0) _regions.Remove(region);
        else (region.Users, region.IsOwnerless) = (1, true);
    }

    private Region? Exact(ulong address, ulong size) => _regions.Find(region => region.Address == address && region.Size == size);

    private Region? Find(ulong address, ulong size) =>
        _regions.Find(region => address >= region.Address && address + size <= region.Address + region.Size);

    /// <summary>Registered memory.</summary>
    internal sealed class Region(ulong address, ulong size)
    {
        public ulong Address => address;

        public ulong Size => size;

        public int Users { get; set; }

        public long Entries { get; set; }

        public bool IsOwnerless { get; set; }
    }

    /// <summary>A container.</summary>
    internal sealed class Holder
    {
        public HashSet<Region> Held { get; } = [];

        public Window?[] Windows { get; } = new Window?[2];

        /// <summary>Whether it did something that bound it to the process.</summary>
        public bool IsBound { get; set; }

        public bool IsEnabled { get; set; }

        public bool IsPending { get; set; } = true;
    }

    /// <summary>A window: its entries by address.</summary>
    internal sealed record Window(ulong Start, ulong Size, ulong Page, long TablePages)
    {
        public SortedDictionary<ulong, ulong> Entries { get; } = [];
    }
}
