// SPDX-License-Identifier: MIT
using VfioSharp.Host;

namespace VfioSharp.Supervisor.Tests;

/// <summary>The machine's sysfs and /dev/vfio, as the system's own tools see them.</summary>
[Collection(nameof(TestPrograms))]
public sealed class PathTests
{
    private const string Edu = "/sys/bus/pci/devices/0000:03:00.0";

    public PathTests() => TestPrograms.Require();

    [Theory]
    [InlineData("cat " + Edu + "/vendor", "0x1234")]
    [InlineData("cat /sys/devices/pci0000:00/0000:00:06.0/0000:03:00.0/device", "0x11e8")]
    [InlineData("cat " + Edu + "//./../0000:03:00.0/class", "0x00ff00")]
    [InlineData("readlink " + Edu + "/driver", "../../../../bus/pci/drivers/vfio-pci")]
    [InlineData("realpath " + Edu + "/iommu_group", "/sys/kernel/iommu_groups/15")]
    [InlineData("realpath " + Edu + "/driver/module", "/sys/module/vfio_pci")]
    [InlineData("ls " + Edu + "/iommu_group/devices/", "0000:03:00.0")]
    [InlineData("stat -c '%F %Hr:%Lr' /dev/vfio/vfio /dev/vfio/15", "character special file 10:196\ncharacter special file 511:15")]
    [InlineData("stat -c '%F %a %s %u' " + Edu + "/config " + Edu + "/driver_override", "regular file 644 256 0\nregular file 644 4096 0")]
    [InlineData("head -c 4 " + Edu + "/config | od -An -tx1", " 34 12 e8 11")]
    [InlineData("test -w " + Edu + "/driver_override && test ! -x " + Edu + "/vendor && test -d " + Edu + "/ && echo yes", "yes")]
    [InlineData("ls -d " + Edu + "/nothing 2>/dev/null || echo missing", "missing")]
    [InlineData("ls /dev/vfio | sort -n | tail -n 2", "18\n19")]
    [InlineData("test -e /dev/null && test ! -e /dev/vfio/99 && ls -d /sys/kernel /proc/self", "/proc/self\n/sys/kernel")]
    [InlineData("find " + Edu + "/ -name numa_node", Edu + "/numa_node")]
    public void Tools_see_what_linux_would_show(string command, string expected) => Assert.Equal(expected, Shell(command));

    [Fact]
    public void A_shells_redirection_takes_effect_before_its_next_call() => Assert.Equal(
        "gone\n../../../../bus/pci/drivers/pci-stub",
        Shell(
            $"""
            echo 0000:03:00.0 > {Edu}/driver/unbind
            readlink {Edu}/driver || echo gone
            echo pci-stub > {Edu}/driver_override
            echo 0000:03:00.0 > /sys/bus/pci/drivers_probe
            readlink {Edu}/driver
            """));

    [Fact]
    public void An_error_that_a_redirection_hides_is_reported()
    {
        List<string> reports = [];
        Shell("echo nonsense > /sys/bus/pci/drivers/vfio-pci/bind; ls /dev/vfio/vfio", reports.Add);
        Assert.Contains("ENODEV", Assert.Single(reports), StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_are_gone_with_the_run()
    {
        string folder = Shell($"readlink /proc/self/fd/3 3< {Edu}/vendor");
        Assert.EndsWith("/0000:03:00.0/vendor", folder, StringComparison.Ordinal);
        Assert.False(File.Exists(folder), folder);
    }

    [Theory]
    [InlineData(Edu + "/nothing", "The machine has no such file")]
    [InlineData("/sys/bus/pci/drivers/vfio-pci/nothing", "The machine's drivers are those that its file names")]
    [InlineData("/sys/kernel/iommu_groups/99/devices", "vfio show lists the machine's groups and their devices")]
    [InlineData("/dev/vfio/99", "vfio show lists the machine's groups")]
    public void The_remedy_of_a_missing_file_is_about_that_file(string path, string remedy)
    {
        List<string> explained = [];
        using SoftwareHost host = TestMachine.Start();
        ProgramRun.Of(host, ["cat", path], options: new RunOptions { Explain = explained.Add });
        Assert.Contains($"= ENOENT: open: {path} does not exist on machine x86; remedy: {remedy}", Assert.Single(explained), StringComparison.Ordinal);
    }

    private static string Shell(string script, Action<string>? report = null)
    {
        using SoftwareHost host = TestMachine.Start();
        return ProgramRun.Of(host, ["sh", "-c", script], options: new RunOptions { Report = report }).Output.TrimEnd('\n');
    }
}
