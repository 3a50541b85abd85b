// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>An x86 Linux guest with edu assigned by <c>host=</c>, in Debian's QEMU.</summary>
public sealed class X86GuestTests
{
    private const string Edu = "vfio-pci,id=edu,host=0000:03:00.0,addr=5";

    [Fact]
    public void Assigned_edu_is_listed_and_its_registers_work()
    {
        GuestImage.X86.Require();
        using SoftwareHost host = TestHost.Start("x86");
        using Guest guest = new(GuestImage.X86, host, "-device", Edu);

        Assert.Equal("0x1234 0x11e8", guest.Run("echo $(cat /sys/bus/pci/devices/0000:00:05.0/vendor /sys/bus/pci/devices/0000:00:05.0/device)"));
        Assert.Equal("10000ed", guest.Read("id"));
        guest.Write("liveness", "12345678");
        Assert.Equal("edcba987", guest.Read("liveness"));
        guest.Write("factorial", "10");
        Assert.Equal("3628800", guest.Read("factorial"));
        Assert.Equal(0, guest.PowerOff());
    }

    [Theory]
    [InlineData("msi=0", "IO-APIC")]
    [InlineData("msi=1", "PCI-MSI")]
    public void Dma_and_interrupts_reach_the_guest(string parameters, string kind)
    {
        GuestImage.X86.Require();
        using SoftwareHost host = TestHost.Start("x86");
        using Guest guest = new(GuestImage.X86, host, "-device", Edu);
        guest.LoadDriver(parameters);

        guest.Write("raise", "1");
        guest.WaitFor("[ $(cat /sys/bus/pci/drivers/edu/*:*/interrupts) = 1 ]");
        guest.Write("dma", "4096");

        Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
        guest.AssertInterrupts(3, kind);
    }

    [Fact]
    public void Reset_of_the_machine_leaves_a_device_that_works()
    {
        GuestImage.X86.Require();
        using SoftwareHost host = TestHost.Start("x86");
        using Guest guest = new(GuestImage.X86, host, "-device", Edu);

        // A restart of the guest's machine resets its devices; the guest that comes up finds them as new.
        guest.Monitor.Execute("system_reset");
        guest.AwaitBoot();
        guest.Write("dma", "4096");

        Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
    }

    [Fact]
    public void Plugged_and_unplugged_edu_leaves_nothing_in_the_host()
    {
        GuestImage.X86.Require();
        using SoftwareHost host = TestHost.Start("x86");
        using Guest guest = new(GuestImage.X86, host);
        int times = GuestImage.IsFull ? 20 : 3;

        for (int time = 0; time < times; time++)
        {
            guest.Plug("edu", "0000:03:00.0", "5", "pci.0");
            guest.WaitFor("[ -e /sys/bus/pci/drivers/edu/0000:00:05.0/id ]");
            Assert.NotEmpty(TestHost.BusyGroups(host));
            guest.Write("dma", "512");
            Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
            guest.Unplug("edu");
            guest.Monitor.WaitDeleted("edu");
            guest.WaitFor("[ ! -e /sys/bus/pci/devices/0000:00:05.0 ]");
        }

        Assert.Equal(0, guest.PowerOff());
        Assert.Empty(TestHost.BusyGroups(host));
    }
}
