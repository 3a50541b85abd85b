// SPDX-License-Identifier: MIT
namespace VfioSharp.EndToEnd.Tests;

/// <summary>Guests of a user who is nobody: not root, no capabilities, 8 MiB of locked memory.</summary>
public sealed class OrdinaryUserTests
{
    [Fact]
    public void Registers_interrupts_dma_and_hot_plug_work_in_an_x86_guest()
    {
        GuestImage.X86.Require();
        using OrdinaryUser user = new("--memlock", "512M");
        using Guest guest = new(GuestImage.X86, user, "x86", "-device", "vfio-pci,id=edu,host=0000:03:00.0,addr=5");

        Assert.Equal("10000ed", guest.Read("id"));
        foreach ((string parameters, string kind) in (IEnumerable<(string, string)>)[("msi=0", "IO-APIC"), ("msi=1", "PCI-MSI")])
        {
            guest.LoadDriver(parameters);
            guest.Write("dma", "4096");
            Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
            guest.AssertInterrupts(2, kind);
        }

        guest.Unplug("edu");
        guest.Monitor.WaitDeleted("edu");
        guest.WaitFor("[ ! -e /sys/bus/pci/devices/0000:00:05.0 ]");
        guest.Plug("edu", "0000:03:00.0", "5", "pci.0");
        guest.WaitFor("[ -e /sys/bus/pci/drivers/edu/0000:00:05.0/id ]");
        guest.Write("dma", "512");
        Assert.StartsWith("same ", guest.Read("dma"), StringComparison.Ordinal);
        Assert.Equal(0, guest.PowerOff());
    }

    [Theory]
    [MemberData(nameof(PowerWindowTests.Dynamic), MemberType = typeof(PowerWindowTests))]
    public void Both_windows_work_in_a_power_guest(int pages, string machine)
    {
        GuestImage image = PowerGuest.Image(pages);
        using OrdinaryUser user = new("--memlock", "unlimited");
        using Guest guest = new(image, user, machine, "-device", PowerGuest.Edu);

        // The default window is at 0, the dynamic one far above.
        foreach ((string parameters, bool isDynamic) in (IEnumerable<(string, bool)>)[("msi=0 bits=32", false), ("msi=1 bits=64", true)])
        {
            guest.LoadDriver(parameters);
            guest.Write("dma", "4096");
            string dma = guest.Read("dma");
            Assert.StartsWith("same ", dma, StringComparison.Ordinal);
            Assert.Equal(isDynamic, dma.Contains("out=0x8000000", StringComparison.Ordinal));
        }

        Assert.Equal(0, guest.PowerOff());
    }

    [Fact]
    public void Guest_with_more_memory_than_may_be_locked_is_refused_with_the_limit()
    {
        GuestImage.X86.Require();
        using OrdinaryUser user = new();
        string refusal = Assert.Throws<IOException>(() => new Guest(GuestImage.X86, user, "x86", "-device", "vfio-pci,host=0000:03:00.0")).Message;
        Assert.Contains("IOMMU_MAP_DMA) = ENOMEM: ", refusal, StringComparison.Ordinal);
        Assert.Contains("ulimit -l", refusal, StringComparison.Ordinal);
    }
}
