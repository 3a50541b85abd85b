// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>edu plugged into a POWER guest that runs, and unplugged.</summary>
public sealed class PowerPlugTests
{
    // Type PCI, first host bridge, slot 5 (QEMU's hw/ppc/spapr_drc.c).
    private const string Connector = "0x40000028";

    // The supervisor hears of a close a moment after it; who asks from elsewhere may be earlier.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Page size of the guest, and the host.</summary>
    public static TheoryData<int, string> Machines => GuestImage.IsFull ? PowerGuest.Machines : new() { { 4, "powernv" } };

    [Theory]
    [MemberData(nameof(PowerGuest.Machines), MemberType = typeof(PowerGuest))]
    public void Plugged_edu_works_after_a_restart_and_leaves_nothing(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = PowerGuest.Boot(pages, host, machine);
        int times = GuestImage.IsFull ? 20 : 3;

        // Nobody in the guest takes the device up: it lets it go unseen, or finds it at its next start.
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

    [Theory]
    [MemberData(nameof(Machines))]
    public void Plugged_edu_is_taken_up_by_the_running_guest_and_leaves_nothing(int pages, string machine)
    {
        using SoftwareHost host = TestHost.Start(machine);
        using Guest guest = PowerGuest.Boot(pages, host, machine);
        guest.Run("insmod /connector.ko");
        string windows = DescribeWindows(host);
        int times = GuestImage.IsFull ? 20 : 3;

        for (int time = 0; time < times; time++)
        {
            // What drmgr does: the connector leaves isolation, its node joins the device tree, the bus is looked at.
            guest.Plug("edu", "0001:00:01.0", "5", "pci.0");
            guest.Run($"echo '{Connector} 1' > /sys/module/connector/parameters/isolation && echo 'dt add index {Connector}' > /sys/kernel/dlpar && echo 1 > /sys/bus/pci/rescan");
            guest.Write("dma", "4096");
            Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
            guest.Write("hold", "20");
            Assert.InRange(guest.LockedBytes, 1UL << 30, ulong.MaxValue);
            Assert.NotEmpty(host.ListEntries(PowerGuest.HostEdu));

            // The driver lets its mappings go; QEMU the device, once its connector is isolated.
            guest.Unplug("edu");
            guest.Run("echo 1 > /sys/bus/pci/devices/0000:00:05.0/remove");
            guest.Run($"echo 'dt remove index {Connector}' > /sys/kernel/dlpar && echo '{Connector} 0' > /sys/module/connector/parameters/isolation");
            guest.Monitor.WaitDeleted("edu");
            Assert.True(SpinWait.SpinUntil(() => TestHost.BusyGroups(host).Count == 0, s_patience), string.Join(", ", TestHost.BusyGroups(host)));
            Assert.Equal(0UL, guest.LockedBytes);
            Assert.Equal(windows, DescribeWindows(host));
        }

        Assert.Equal(0, guest.PowerOff());
    }

    private static string DescribeWindows(SoftwareHost host) =>
        string.Join('\n', host.ListWindows().Select(endpoint => $"{endpoint.Name} {endpoint.Owner} {endpoint.Bypass} {string.Join(',', endpoint.Windows)}"));
}
