// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.EndToEnd.Tests;

using DmaAccess = VfioSharp.Host.Iommu.DmaAccess;

/// <summary>The windows of a POWER guest and their entries: as the guest says, as QEMU traces, as the host has them.</summary>
public sealed class PowerWindowTests
{
    private const ulong HostPage = 4096;

    // Pinned memory begins at multiples of that (WindowEntry.PhysicalAddress), and QEMU registers the guest's whole.
    private const ulong PinnedMask = (1UL << 40) - 1;

    /// <summary>Page size of the guest, and a host that makes dynamic windows.</summary>
    public static TheoryData<int, string> Dynamic => GuestImage.IsFull
        ? new() { { 4, "pseries" }, { 64, "pseries" }, { 4, "powernv" }, { 64, "powernv" } }
        : new() { { 4, "pseries" } };

    [Theory]
    [MemberData(nameof(Dynamic))]
    public void Driver_of_64_bits_gets_a_dynamic_window_that_maps_all_memory(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = PowerGuest.Boot(pages, host, machine, "-device", PowerGuest.Edu);
        Assert.Single(PowerGuest.Windows(host));

        guest.LoadDriver("msi=1 bits=64");
        guest.Write("dma", "4096");

        Assert.StartsWith("same out=0x8000000", guest.Read("dma"), StringComparison.Ordinal);
        IReadOnlyList<WindowUse> windows = PowerGuest.Windows(host);
        Assert.Equal(PowerGuest.CreatedWindows(guest), windows.Select(window => (window.Start, window.Size, window.PageSize)));
        Assert.Equal([1UL << 30, 1UL << 30], [windows[0].Size, windows[1].Entries * windows[1].PageSize]);

        // The guest's memory from its beginning on, all of it.
        guest.Write("hold", "7");
        Assert.All(Held(guest), held => Assert.Equal(windows[1].Start + held.Memory, held.Bus));
        Assert.All(
            host.ListEntries(PowerGuest.HostEdu).Where(entry => entry.BusAddress >= windows[1].Start),
            entry => Assert.Equal((entry.BusAddress - windows[1].Start, DmaAccess.ReadWrite), (entry.PhysicalAddress & PinnedMask, entry.Access)));
    }

    [Theory]
    [MemberData(nameof(PowerGuest.MachinesAndLimits), MemberType = typeof(PowerGuest))]
    public void Entries_of_the_default_window_agree_with_the_guest_and_with_qemus_trace(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = PowerGuest.Boot(pages, host, machine, "-global", "spapr-pci-host-bridge.ddw=off", "-device", PowerGuest.Edu);
        Assert.Empty(host.ListEntries(PowerGuest.HostEdu));

        // Let go and taken anew, so that entries were cleared before.
        guest.Write("hold", "9");
        guest.Write("hold", "20");
        Dictionary<ulong, (ulong, DmaAccess)> entries = host.ListEntries(PowerGuest.HostEdu).ToDictionary(
            entry => entry.BusAddress, entry => (entry.PhysicalAddress & PinnedMask, entry.Access));

        Dictionary<ulong, (ulong, DmaAccess)> held = [];
        foreach ((ulong bus, ulong memory, DmaAccess access) in Held(guest))
            for (ulong at = 0; at < (ulong)pages << 10; at += HostPage) held.Add(bus + at, (memory + at, access));
        Assert.Equal(held.OrderBy(entry => entry.Key), entries.OrderBy(entry => entry.Key));
        Dictionary<ulong, (ulong, DmaAccess)> traced = Traced(guest);
        Assert.All(traced, entry => Assert.Equal(entry.Value, entries[entry.Key]));
        Assert.Equal(20, traced.Count);

        guest.Write("hold", "0");
        Assert.Empty(host.ListEntries(PowerGuest.HostEdu));
    }

    // Bus address and memory of each page that the driver holds, and what its entry lets the device do: Linux on pSeries
    // has none that may only be written (tce_build_pSeriesLP).
    private static List<(ulong Bus, ulong Memory, DmaAccess Access)> Held(Guest guest) =>
    [
        .. from line in guest.Read("hold").Split('\n')
           let fields = line.Split(' ')
           select (Hex(fields[0]), Hex(fields[1]), fields[2] == "1" ? DmaAccess.Read : DmaAccess.ReadWrite),
    ];

    // What is left of the entries that QEMU traced; of several put at once it names the last, and of several cleared where they end.
    private static Dictionary<ulong, (ulong Memory, DmaAccess Access)> Traced(Guest guest)
    {
        Dictionary<ulong, (ulong, DmaAccess)> entries = [];
        foreach (string line in File.ReadAllLines(guest.TraceFile))
        {
            if (line.StartsWith("spapr_iommu_pci_put ", StringComparison.Ordinal)) Put(PowerGuest.Field(line, "ioba"), PowerGuest.Field(line, "tce"));
            else if (line.StartsWith("spapr_iommu_pci_indirect ", StringComparison.Ordinal))
                Put(PowerGuest.Field(line, "ioba") + (PowerGuest.Field(line, "iobaN") * HostPage), PowerGuest.Field(line, "tceN"));
            else if (line.StartsWith("spapr_iommu_pci_stuff ", StringComparison.Ordinal))
            {
                ulong end = PowerGuest.Field(line, "ioba");
                for (ulong at = end - (PowerGuest.Field(line, "npages") * HostPage); at < end; at += HostPage) entries.Remove(at);
            }
        }

        return entries;

        void Put(ulong bus, ulong tce) => entries[bus] = (tce & ~(HostPage - 1), (DmaAccess)(tce & 3));
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
