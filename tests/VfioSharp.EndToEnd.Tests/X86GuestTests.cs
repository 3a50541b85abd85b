// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>An x86 Linux guest with edu assigned, in Debian's QEMU.</summary>
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
        string listed = guest.Run("lspci -v -s 00:05.0");
        Assert.Contains("00:05.0 Class 00ff: Device 1234:11e8 (rev 10)", listed, StringComparison.Ordinal);
        Assert.Contains("(32-bit, non-prefetchable) [size=1M]", listed, StringComparison.Ordinal);
        Assert.Contains("Capabilities: [40] MSI: Enable- Count=1/1 Maskable- 64bit+", listed, StringComparison.Ordinal);
        Assert.Contains("Kernel driver in use: edu", listed, StringComparison.Ordinal);
        Assert.Equal("10000ed", guest.Read("id"));
        guest.Write("liveness", "12345678");
        Assert.Equal("edcba987", guest.Read("liveness"));
        guest.Write("factorial", "10");
        Assert.Equal("3628800", guest.Read("factorial"));
        Assert.Equal(0, guest.PowerOff());
    }

    [Theory]
    [InlineData("host=0000:03:00.0", "msi=0", "IO-APIC")]
    [InlineData("sysfsdev=/sys/bus/pci/devices/0000:03:00.0", "msi=1", "PCI-MSI")]
    public void Dma_and_interrupts_reach_the_guest(string device, string parameters, string kind)
    {
        GuestImage.X86.Require();
        using SoftwareHost host = TestHost.Start("x86");
        using Guest guest = new(GuestImage.X86, host, "-device", $"vfio-pci,id=edu,{device},addr=5");
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
    public void Function_that_the_guest_resets_has_its_registers_as_new()
    {
        GuestImage.X86.Require();
        using SoftwareHost host = TestHost.Start("x86", machine =>
            machine["devices"]!.AsArray().Single(device => (string?)device!["address"] == "0000:01:00.0")!["emulation"] = "hardware");
        using Guest guest = new(
            GuestImage.X86, host, "-device", "vfio-pci,host=0000:01:00.0,addr=6",
            "-device", "pci-bridge,id=bridge,chassis_nr=1,addr=7", "-device", "vfio-pci,id=edu,host=0000:03:00.0,bus=bridge,addr=1");
        guest.Run("nvme=/sys/bus/pci/devices/0000:00:06.0; edu=$(echo /sys/bus/pci/drivers/edu/*:*)");

        // The NVMe controller's function level reset. Its register AQA loses what was written to it, first by the firmware.
        guest.Run("echo 1 > $nvme/enable; bar=$(head -1 $nvme/resource | cut -d' ' -f1)");
        guest.Run("devmem $(($bar + 0x24)) 32 0x00030003");
        Assert.Equal("0x00030003", guest.Run("devmem $(($bar + 0x24))"));
        Assert.Equal("flr", guest.Run("echo $(cat $nvme/reset_method)"));
        guest.Run("echo 1 > $nvme/reset");
        Assert.Equal("0x001F001F", guest.Run("devmem $(($bar + 0x24))"));

        // edu has no reset of its own: its bus is reset, by the bridge above, and the guest restores its configuration.
        Assert.Equal("bus", guest.Run("echo $(cat $edu/reset_method)"));
        guest.Run("echo 1 > $edu/reset");
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
