// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Pci;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>
/// A ppc64le Linux guest with edu assigned by <c>host=</c>, in Debian's QEMU, on hosts of both kinds of POWER. On
/// pSeries a table has one level, and QEMU asks for two as soon as it fills more than 32 of a program's pages: with
/// pages of 4 KiB, windows above 64 MiB. There the guest gets a default window of that size, and no dynamic one.
/// </summary>
public sealed class PowerGuestTests
{
    private const string Edu = "vfio-pci,id=edu,host=0001:00:01.0,bus=pci.0,addr=5";
    private static readonly PciAddress s_edu = new(1, 0, 1, 0);

    /// <summary>Page size of the guest, and the host.</summary>
    public static TheoryData<int, string> Machines => GuestImage.IsFull
        ? new() { { 4, "pseries" }, { 64, "pseries" }, { 4, "powernv" }, { 64, "powernv" } }
        : new() { { 4, "pseries" } };

    /// <summary>Page size of the guest.</summary>
    public static TheoryData<int> Guests => GuestImage.IsFull ? new() { 4, 64 } : new() { 4 };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Registers_interrupts_and_dma_through_the_default_window(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = Boot(pages, host, machine, "-global", "spapr-pci-host-bridge.ddw=off", "-device", Edu);

        Assert.Equal("10000ed", guest.Read("id"));
        guest.Write("liveness", "12345678");
        Assert.Equal("edcba987", guest.Read("liveness"));
        foreach ((string parameters, string kind) in (IEnumerable<(string, string)>)[("msi=0 bits=32", "Level"), ("msi=1 bits=64", "MSI")])
        {
            guest.LoadDriver(parameters);
            guest.Write("dma", "4096");
            Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
            guest.AssertInterrupts(2, kind);
        }

        // What QEMU traced of its windows is what the host has; on pSeries the default window is firmware's, and larger.
        (ulong start, ulong size, ulong pageSize) = Assert.Single(CreatedWindows(guest));
        WindowUse window = Assert.Single(Windows(host));
        Assert.Equal((start, pageSize), (window.Start, window.PageSize));
        Assert.InRange(size, 1UL, window.Size);
        Assert.Equal(0, guest.PowerOff());
        Assert.Empty(TestHost.BusyGroups(host));
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void Driver_of_64_bits_gets_a_dynamic_window_that_maps_all_memory(int pages)
    {
        using SoftwareHost host = TestHost.Start("powernv");
        using Guest guest = Boot(pages, host, "powernv", "-device", Edu);
        Assert.Single(Windows(host));

        guest.LoadDriver("msi=1 bits=64");
        guest.Write("dma", "4096");

        Assert.StartsWith("same out=0x8000000", guest.Read("dma"), StringComparison.Ordinal);
        Assert.Equal(CreatedWindows(guest), Windows(host).Select(window => (window.Start, window.Size, window.PageSize)));
        Assert.Equal(1UL << 30, Windows(host)[1].Entries * Windows(host)[1].PageSize);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Frozen_endpoint_is_seen_by_the_guest_and_recovered(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = Boot(pages, host, machine, "-device", Edu);

        Assert.False(host.Freeze(s_edu, PeFreeze.All).IsError);
        guest.Read("id");
        guest.WaitFor("[ \"$(cat /sys/bus/pci/drivers/edu/*:*/recovery)\" = 'errors=1 resumes=1' ]");

        Assert.Equal("10000ed", guest.Read("id"));
        Assert.Equal(PeFreeze.None, host.PartitionableEndpoints().Single(pe => pe.Functions.Contains(s_edu)).Frozen);
        guest.Write("dma", "4096");
        Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Two_devices_on_two_host_bridges_have_windows_of_their_own(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        string second = machine == "powernv" ? "0002:01:00.0" : "0002:00:01.0";
        using Guest guest = Boot(
            pages, host, machine, "-device", "spapr-pci-host-bridge,index=1,id=p1", "-device", Edu, "-device", $"vfio-pci,host={second},bus=p1.0,addr=6");

        foreach (string device in (string[])["0000:00:05.0", "0001:00:06.0"])
        {
            guest.Write("dma", "4096", device);
            Assert.StartsWith("same ", guest.Read("dma", device), StringComparison.Ordinal);
        }

        Assert.Equal(2, host.ListWindows().Count(endpoint => endpoint.Owner != "host"));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Plugged_edu_works_after_a_restart_and_leaves_nothing(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = Boot(pages, host, machine);
        int times = GuestImage.IsFull ? 20 : 3;

        // The guest has no drmgr, which would take the device up at once: it lets it go unseen, or finds it at its next start.
        for (int time = 0; time < times; time++)
        {
            guest.Plug("edu", "0001:00:01.0", "5", "pci.0");
            Assert.NotEmpty(TestHost.BusyGroups(host));
            guest.Unplug("edu");
            guest.Monitor.WaitDeleted("edu");
            guest.Run("true");
        }

        guest.Plug("edu", "0001:00:01.0", "5", "pci.0");
        guest.Monitor.Execute("system_reset");
        guest.AwaitBoot();
        guest.Write("dma", "4096");
        Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
        Assert.Equal(0, guest.PowerOff());
        Assert.Empty(TestHost.BusyGroups(host));
    }

    private static Guest Boot(int pages, SoftwareHost host, string machine, params IReadOnlyList<string> arguments)
    {
        GuestImage image = pages == 4 ? GuestImage.Power4K : GuestImage.Power64K;
        image.Require();
        IReadOnlyList<string> limits = machine == "pseries"
            ? ["-global", "spapr-pci-host-bridge.dma_win_size=0x4000000", "-global", "spapr-pci-host-bridge.ddw=off"]
            : [];
        return new Guest(image, host, ["-trace", "vfio_spapr*", .. limits, .. arguments]);
    }

    private static IReadOnlyList<WindowUse> Windows(SoftwareHost host) => host.ListWindows().Single(endpoint => endpoint.Functions.Contains(s_edu)).Windows;

    private static IEnumerable<(ulong Start, ulong Size, ulong PageSize)> CreatedWindows(Guest guest) =>
        from line in File.ReadAllLines(guest.TraceFile)
        where line.Contains("vfio_spapr_create_window", StringComparison.Ordinal)
        select (Field(line, "offset"), Field(line, "winsize"), 1UL << (int)Field(line, "pageshift"));

    private static ulong Field(string line, string name)
    {
        int at = line.IndexOf(name + "=0x", StringComparison.Ordinal) + name.Length + 3;
        return ulong.Parse(line[at..].Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
