// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text.RegularExpressions;
using VfioSharp.Guest;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Memory;
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.GuestTraces;

/// <summary>
/// Plays QEMU's trace events of a pseries guest (spapr_iommu_*, spapr_pci_*) against our host bridge: what the guest
/// did is done again, what QEMU answered is compared.
/// </summary>
internal sealed partial class GuestTracePlayer : IDisposable
{
    // The virtual-I/O bus' window (hw/ppc/spapr_vio.c: rtce_window_size).
    private const ulong VirtualIoPages = 0x10000000 >> 12;
    private const uint FirstPciLiobn = 0x8000_0000;
    private const ulong FirstBuid = 0x0800_0000_2000_0000;
    private const ulong EntryList = 0x10000;

    private readonly GuestTraceResult _result = new();
    private readonly LinuxKernel _kernel = new();
    private readonly EventLoop _events;
    private readonly PseriesFirmware _firmware;
    private readonly SortedDictionary<int, PseriesHostBridge> _bridges = [];
    private readonly Dictionary<uint, TracedDevice> _devices = [];
    private readonly List<(int Vector, ulong Address)> _expectedMessages = [];
    private readonly EntryListPage _list = new();
    private (uint Address, int Asked, int Most)? _retry;
    private uint _lastChanged;
    private int _line;

    public GuestTracePlayer()
    {
        // A machine that has nothing but the page where lists of entries are: the trace holds what the guest did, not its memory.
        var topology = new MemoryTopology();
        var system = new ContainerRegion(topology, "system", ulong.MaxValue);
        system.Add(new MmioRegion(topology, "list", EntryListPage.Size, _list), EntryList);
        _events = new EventLoop(_kernel, new Lock());
        _firmware = new PseriesFirmware(new GuestAddressSpace(topology, system), new NoInterrupts(), _events);
    }

    private TceHypercalls Tces => _firmware.Tces;

    /// <summary>Plays all lines.</summary>
    public GuestTraceResult Play(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            _line++;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !TryPlay(line[..space], line[(space + 1)..])) _result.Ignore(KindOf(space < 0 ? line : line[..space]));
        }

        return _result;
    }

    /// <summary>Lets go of what the machine needs.</summary>
    public void Dispose()
    {
        _events.Dispose();
        _kernel.Dispose();
    }

    // A process id and a time may stand before the event's name (QEMU's log back end): "12@345.6:name". What is no name is
    // not printed: a file may hold anything.
    private static string KindOf(string word)
    {
        string name = word[(word.LastIndexOf(':') + 1)..];
        return EventName().IsMatch(name) ? name : "no event";
    }

    private bool TryPlay(string kind, string text)
    {
        kind = KindOf(kind);
        switch (kind)
        {
            case "spapr_iommu_new_table": return NewTable(kind, text);
            case "spapr_iommu_pci_put" or "spapr_iommu_put": return Put(kind, text);
            case "spapr_iommu_pci_get" or "spapr_iommu_get": return Get(kind, text);
            case "spapr_iommu_pci_indirect" or "spapr_iommu_indirect": return Indirect(kind, text);
            case "spapr_iommu_pci_stuff" or "spapr_iommu_stuff": return Stuff(kind, text);
            case "spapr_iommu_xlate": return Translate(kind, text);
            case "spapr_iommu_ddw_query": return Query(kind, text);
            case "spapr_iommu_ddw_create": return Create(kind, text);
            case "spapr_iommu_ddw_remove": return Remove(kind, text);
            case "spapr_iommu_ddw_reset": return ResetWindows(kind, text);
            case "spapr_pci_msi": return Release(kind, text);
            case "spapr_pci_msi_retry": return Retry(kind, text);
            case "spapr_pci_msi_setup": return Setup(kind, text);
            case "spapr_pci_rtas_ibm_change_msi": return Change(kind, text);
            case "spapr_pci_rtas_ibm_query_interrupt_source_number": return QuerySource(kind, text);
            case "spapr_pci_msi_write": return MessageWrite(kind, text);
            case "spapr_pci_lsi_set": return Pin(kind, text);
            default: return false;
        }
    }

    private bool NewTable(string kind, string text)
    {
        if (LiobnLine().Match(text) is not { Success: true } match) return false;
        uint liobn = (uint)Hex(match, 1);
        if (liobn >= FirstPciLiobn) Bridge((int)(liobn >> 8) & 0xff);
        else if (Tces.Find(liobn) is null) Tces.AddWindow(liobn, 12, default, VirtualIoPages);
        Check(kind, "window", true, Tces.Find(liobn) is not null);
        return true;
    }

    private bool Put(string kind, string text)
    {
        if (PutLine().Match(text) is not { Success: true } match) return false;
        Check(kind, "ret", Number(match, 4), (long)Tces.Put(Hex(match, 1), Hex(match, 2), Hex(match, 3)));
        return true;
    }

    private bool Get(string kind, string text)
    {
        if (GetLine().Match(text) is not { Success: true } match) return false;
        HypercallStatus status = Tces.Get(Hex(match, 1), Hex(match, 2), out ulong tce);
        Check(kind, "ret and tce", (Number(match, 3), Hex(match, 4)), ((long)status, tce));
        return true;
    }

    // The last index and its entry are recorded; those before it lead up to it, page by page.
    private bool Indirect(string kind, string text)
    {
        if (IndirectLine().Match(text) is not { Success: true } match) return false;
        ulong liobn = Hex(match, 1), last = Hex(match, 3), tce = Hex(match, 4), page = 1UL << (Tces.Find(liobn)?.PageShift ?? 12);
        for (ulong i = 0; i <= Math.Min(last, 511); i++) _list[i] = unchecked(tce - ((last - i) * page));
        Check(kind, "ret", Number(match, 5), (long)Tces.PutIndirect(liobn, Hex(match, 2), EntryList, last + 1));
        return true;
    }

    // The address is the one after the range.
    private bool Stuff(string kind, string text)
    {
        if (StuffLine().Match(text) is not { Success: true } match) return false;
        ulong liobn = Hex(match, 1), pages = (ulong)Number(match, 4), page = 1UL << (Tces.Find(liobn)?.PageShift ?? 12);
        ulong ioba = Hex(match, 2);
        if (Number(match, 5) == 0) ioba = unchecked(ioba - (pages * page));
        Check(kind, "ret", Number(match, 5), (long)Tces.Stuff(liobn, ioba, Hex(match, 3), pages));
        return true;
    }

    private bool Translate(string kind, string text)
    {
        if (TranslateLine().Match(text) is not { Success: true } match) return false;
        TceTranslation found = Tces.Find(Hex(match, 1))?.Translate(Hex(match, 2)) ?? default;
        Check(kind, "translation", (Hex(match, 3), (ulong)Number(match, 4), Hex(match, 5)), (found.Page.Value, (ulong)found.Permission, found.OffsetMask));
        return true;
    }

    private bool Query(string kind, string text)
    {
        if (QueryLine().Match(text) is not { Success: true } match) return false;
        RtasStatus status = Of(Hex(match, 1)).QueryWindows(out WindowQuery query);
        Check(kind, "answer", (RtasStatus.Success, (uint)Number(match, 2), (uint)Hex(match, 3), (uint)Hex(match, 4)), (status, query.WindowsAvailable, query.LargestBlock, query.PageSizes));
        return true;
    }

    private bool Create(string kind, string text)
    {
        if (CreateLine().Match(text) is not { Success: true } match) return false;
        RtasStatus status = Of(Hex(match, 1)).CreateWindow((uint)ulong.Log2(Hex(match, 2)), (uint)ulong.Log2(Hex(match, 3)), out GuestTceTable? window);
        Check(kind, "answer", (RtasStatus.Success, Hex(match, 4), (uint)Hex(match, 5)), (status, window?.Start.Value ?? 0, window?.Liobn ?? 0));
        return true;
    }

    private bool Remove(string kind, string text)
    {
        if (LiobnLine().Match(text) is not { Success: true } match) return false;
        uint liobn = (uint)Hex(match, 1);
        PseriesHostBridge bridge = Bridge((int)(liobn >> 8) & 0xff);
        RtasStatus status = Tces.Find(liobn) is { } window ? bridge.RemoveWindow(window) : RtasStatus.ParameterError;
        Check(kind, "status", RtasStatus.Success, status);
        return true;
    }

    // Also printed when the removal of the last window has restored the default: resetting once more changes nothing.
    private bool ResetWindows(string kind, string text)
    {
        if (BuidLine().Match(text) is not { Success: true } match) return false;
        Check(kind, "status", RtasStatus.Success, Of(Hex(match, 1)).ResetWindows());
        return true;
    }

    private PseriesHostBridge Of(ulong buid) => Bridge((int)(buid - FirstBuid) & 0x1f);

    private PseriesHostBridge Bridge(int index)
    {
        // QEMU has no bridge beyond: a line that names one is wrong, and its answer will differ.
        index = Math.Min(index, HostBridgeOptions.MostIndex);
        if (!_bridges.TryGetValue(index, out PseriesHostBridge? bridge))
            _bridges.Add(index, bridge = _firmware.AddBridge(new HostBridgeOptions { Index = index }));
        return bridge;
    }

    private void Check<T>(string kind, string what, T recorded, T ours) => _result.Check(kind, _line, what, recorded, ours);

    private static ulong Hex(Match match, int group) => ulong.Parse(match.Groups[group].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\w{1,80}\z", RegexOptions.ECMAScript)]
    private static partial Regex EventName();

    [GeneratedRegex(@"^liobn=0x([\da-f]{1,16})\b")]
    private static partial Regex LiobnLine();

    [GeneratedRegex(@"^liobn=0x([\da-f]{1,16}) ioba=0x([\da-f]{1,16}) tce=0x([\da-f]{1,16}) ret=(-?\d{1,9})$")]
    private static partial Regex PutLine();

    [GeneratedRegex(@"^liobn=0x([\da-f]{1,16}) ioba=0x([\da-f]{1,16}) ret=(-?\d{1,9}) tce=0x([\da-f]{1,16})$")]
    private static partial Regex GetLine();

    [GeneratedRegex(@"^liobn=0x([\da-f]{1,16}) ioba=0x([\da-f]{1,16}) tcelist=0x[\da-f]+ iobaN=0x([\da-f]{1,8}) tceN=0x([\da-f]{1,16}) ret=(-?\d{1,9})$")]
    private static partial Regex IndirectLine();

    [GeneratedRegex(@"^liobn=0x([\da-f]{1,16}) ioba=0x([\da-f]{1,16}) tcevalue=0x([\da-f]{1,16}) npages=(\d{1,9}) ret=(-?\d{1,9})$")]
    private static partial Regex StuffLine();

    [GeneratedRegex(@"^liobn=0x([\da-f]{1,16}) 0x([\da-f]{1,16}) -> 0x([\da-f]{1,16}) perm=(\d) mask=0x([\da-f]{1,16})$")]
    private static partial Regex TranslateLine();

    [GeneratedRegex(@"^buid=0x([\da-f]{1,16}) addr=0x[\da-f]+, (\d{1,9}) windows available, max window size=0x([\da-f]{1,8}), mask=0x([\da-f]{1,8})$")]
    private static partial Regex QueryLine();

    [GeneratedRegex(@"^buid=0x([\da-f]{1,16}) addr=0x[\da-f]+, page size=0x([\da-f]{1,16}), requested=0x([\da-f]{1,16}), start addr=0x([\da-f]{1,16}), liobn=0x([\da-f]{1,8})$")]
    private static partial Regex CreateLine();

    [GeneratedRegex(@"^buid=0x([\da-f]{1,16})\b")]
    private static partial Regex BuidLine();
}
