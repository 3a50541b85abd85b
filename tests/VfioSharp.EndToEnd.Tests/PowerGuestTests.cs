// SPDX-License-Identifier: MIT
using VfioSharp.Host;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>A POWER guest with edu: registers, interrupts, DMA, errors, host bridges.</summary>
public sealed class PowerGuestTests
{
    [Theory]
    [MemberData(nameof(PowerGuest.MachinesAndLimits), MemberType = typeof(PowerGuest))]
    public void Registers_interrupts_and_dma_through_the_default_window(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = PowerGuest.Boot(pages, host, machine, "-global", "spapr-pci-host-bridge.ddw=off", "-device", PowerGuest.Edu);

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

        // What QEMU traced of its windows is what the host has. On pSeries a default window that was removed comes back as
        // firmware's, however small it is asked for, and Linux uses its beginning (spapr_tce_create_table).
        (ulong start, ulong size, ulong pageSize) = Assert.Single(PowerGuest.CreatedWindows(guest));
        WindowUse window = Assert.Single(PowerGuest.Windows(host));
        Assert.Equal((start, pageSize), (window.Start, window.PageSize));
        Assert.InRange(size, 1UL, window.Size);
        Assert.Equal(0, guest.PowerOff());
        Assert.Empty(TestHost.BusyGroups(host));
    }

    [Theory]
    [MemberData(nameof(PowerGuest.Machines), MemberType = typeof(PowerGuest))]
    public void Frozen_endpoint_is_seen_by_the_guest_and_recovered(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = PowerGuest.Boot(pages, host, machine, "-device", PowerGuest.Edu);

        Assert.False(host.Freeze(PowerGuest.HostEdu, PeFreeze.All).IsError);
        guest.Read("id");
        guest.WaitFor("[ \"$(cat /sys/bus/pci/drivers/edu/*:*/recovery)\" = 'errors=1 resumes=1' ]");

        Assert.Equal("10000ed", guest.Read("id"));
        Assert.Equal(PeFreeze.None, host.PartitionableEndpoints().Single(pe => pe.Functions.Contains(PowerGuest.HostEdu)).Frozen);
        guest.Write("dma", "4096");
        Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(PowerGuest.Machines), MemberType = typeof(PowerGuest))]
    public void Two_devices_on_two_host_bridges_have_windows_of_their_own(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        string second = machine == "powernv" ? "0002:01:00.0" : "0002:00:01.0";
        using Guest guest = PowerGuest.Boot(
            pages, host, machine, "-device", "spapr-pci-host-bridge,index=1,id=p1", "-device", PowerGuest.Edu, "-device", $"vfio-pci,host={second},bus=p1.0,addr=6");

        foreach (string device in (string[])["0000:00:05.0", "0001:00:06.0"])
        {
            guest.Write("dma", "4096", device);
            Assert.StartsWith("same ", guest.Read("dma", device), StringComparison.Ordinal);
        }

        Assert.Equal(2, host.ListWindows().Count(endpoint => endpoint.Owner != "host"));
    }
}
