// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>Hears each change of a guest's window.</summary>
/// <param name="ioba">The page's address on the bus.</param>
/// <param name="translation">What it leads to now.</param>
public delegate void TceChanged(Iova ioba, TceTranslation translation);

/// <summary>
/// A DMA window of the guest: a table that hypercalls write, named by its liobn (hw/ppc/spapr_iommu.c). It exists for
/// the machine's life, and has entries while the window is enabled.
/// </summary>
/// <remarks>
/// Not thread-safe but for <see cref="Translate"/>, which any thread may call: hypercalls come one at a time, as a
/// virtual machine monitor's do.
/// </remarks>
public sealed class GuestTceTable
{
    private const ulong Permissions = 3;

    private readonly ITceAcceleration? _acceleration;

    // One of them has the entries: in this process, or in the kernel that runs the guest.
    private TceEntries _entries = new(0);
    private IAcceleratedTceTable? _inKernel;
    private bool _needsNotification;

    internal GuestTceTable(uint liobn, ITceAcceleration? acceleration)
    {
        Liobn = liobn;
        _acceleration = acceleration;
    }

    /// <summary>Logical I/O bus number: its name in hypercalls.</summary>
    public uint Liobn { get; }

    /// <summary>Number of pages; 0 while the window is disabled.</summary>
    public ulong PageCount { get; private set; }

    /// <summary>Size of a page as a power of two.</summary>
    public int PageShift { get; private set; }

    /// <summary>Where the window begins on the bus.</summary>
    public Iova Start { get; private set; }

    /// <summary>Whether this is the window that is there without the guest's asking.</summary>
    public bool IsDefault { get; private set; }

    /// <summary>Whether the kernel that runs the guest does the hypercalls on this window by itself.</summary>
    public bool IsAccelerated => _inKernel is not null;

    /// <summary>
    /// Whether somebody must hear of each change, which the kernel does not tell of: the window then leaves the kernel,
    /// unless that serves VFIO groups itself, and returns when nobody needs it any more
    /// (spapr_iommu.c: spapr_tce_set_need_vfio). Its entries stay what they are.
    /// </summary>
    public bool NeedsNotification
    {
        get => _needsNotification;
        set
        {
            if (_needsNotification == value) return;
            _needsNotification = value;
            if (PageCount == 0) return;
            if (value) LeaveKernel();
            else EnterKernel();
        }
    }

    /// <summary>Raised for each entry that a hypercall writes, also when it is what it was.</summary>
    public event TceChanged? Changed;

    /// <summary>Raised when the window is enabled, and when it is about to be disabled (false).</summary>
    internal event Action<GuestTceTable, bool>? EnabledChanged;

    /// <summary>An entry, by a DMA address counted from the window's start.</summary>
    public TceTranslation Translate(ulong offset)
    {
        ulong index = offset >> PageShift;
        if (index >= PageCount) return new TceTranslation(default, TcePermission.None, ulong.MaxValue);
        return Decode(Read(index));
    }

    /// <summary>The entries that map something, in order: what a container that joins has to be told.</summary>
    public IEnumerable<(Iova Ioba, TceTranslation Translation)> Mapped()
    {
        for (ulong index = FindSet(0); index < PageCount; index = FindSet(index + 1))
        {
            ulong tce = Read(index);
            if ((tce & Permissions) != 0) yield return (AddressOf(index), Decode(tce));
        }
    }

    /// <summary>Attaches the host's windows of a VFIO group to this one, where the kernel has it and can; then nobody else need write them.</summary>
    /// <param name="group">The group's descriptor.</param>
    public bool AttachGroup(int group) => _inKernel?.AttachGroup(group) ?? false;

    /// <summary>For messages.</summary>
    public override string ToString() => PageCount == 0
        ? string.Create(CultureInfo.InvariantCulture, $"window 0x{Liobn:x} (not enabled)")
        : string.Create(CultureInfo.InvariantCulture, $"window 0x{Liobn:x} at 0x{Start.Value:x}, {PageCount} pages of 0x{1UL << PageShift:x} bytes");

    /// <summary>Sets an entry: the low two bits are permissions.</summary>
    internal HypercallStatus Put(ulong ioba, ulong tce)
    {
        if (!TryIndex(ioba, out ulong index)) return HypercallStatus.Parameter;
        Write(index, tce);
        Changed?.Invoke(AddressOf(index), Decode(tce));
        return HypercallStatus.Success;
    }

    /// <summary>Reads an entry.</summary>
    internal HypercallStatus Get(ulong ioba, out ulong tce)
    {
        bool found = TryIndex(ioba, out ulong index);
        tce = found ? Read(index) : 0;
        return found ? HypercallStatus.Success : HypercallStatus.Parameter;
    }

    /// <summary>The entries as hypercalls wrote them that are not 0, in order.</summary>
    internal IEnumerable<(ulong Index, ulong Tce)> Raw()
    {
        for (ulong index = FindSet(0); index < PageCount; index = FindSet(index + 1)) yield return (index, Read(index));
    }

    /// <summary>The window appears, empty or with entries that were saved.</summary>
    internal void Enable(int pageShift, Iova start, ulong pageCount, bool isDefault, IEnumerable<(ulong Index, ulong Tce)>? entries = null)
    {
        (PageShift, Start, IsDefault) = (pageShift, start, isDefault);
        _entries = new TceEntries(pageCount);
        PageCount = pageCount;
        if (!_needsNotification) EnterKernel();
        foreach ((ulong index, ulong tce) in entries ?? []) Write(index, tce);
        EnabledChanged?.Invoke(this, true);
    }

    /// <summary>The window goes, with what is mapped in it.</summary>
    internal void Disable()
    {
        if (PageCount == 0) return;
        EnabledChanged?.Invoke(this, false);
        PageCount = 0;
        IsDefault = false;
        _entries = new TceEntries(0);
        _inKernel?.Dispose();
        _inKernel = null;
    }

    private void EnterKernel()
    {
        if (_inKernel is not null || _acceleration?.Create(Liobn, PageShift, Start, PageCount) is not { } table) return;
        TceEntries entries = _entries;
        for (ulong index = entries.FindSet(0); index < PageCount; index = entries.FindSet(index + 1)) table.Write(index, entries[index]);
        _inKernel = table;
        _entries = new TceEntries(0);
    }

    private void LeaveKernel()
    {
        if (_inKernel is not { } table || _acceleration!.ServesGroups) return;
        var entries = new TceEntries(PageCount);
        for (ulong index = 0; index < PageCount; index++) entries[index] = table.Read(index);
        _entries = entries;
        _inKernel = null;
        table.Dispose();
    }

    // An address below the start is as far outside as one above the end.
    private bool TryIndex(ulong ioba, out ulong index)
    {
        index = unchecked(ioba - Start.Value) >> PageShift;
        return index < PageCount;
    }

    private Iova AddressOf(ulong index) => new(Start.Value + (index << PageShift));

    private ulong FindSet(ulong from)
    {
        if (_inKernel is not { } table) return _entries.FindSet(from);
        while (from < PageCount && table.Read(from) == 0) from++;
        return from;
    }

    private ulong Read(ulong index) => _inKernel is { } table ? table.Read(index) : _entries[index];

    private void Write(ulong index, ulong tce)
    {
        if (_inKernel is { } table) table.Write(index, tce);
        else _entries[index] = tce;
    }

    private TceTranslation Decode(ulong tce)
    {
        ulong offsetMask = (1UL << PageShift) - 1;
        return new TceTranslation(new GuestPhysicalAddress(tce & ~offsetMask), (TcePermission)(tce & Permissions), offsetMask);
    }
}
