// SPDX-License-Identifier: MIT
using VfioSharp.Devices;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Host.Tests.Groups;

public sealed class HotPlugTests
{
    [Theory]
    [InlineData("x86")]
    [InlineData("powernv")]
    [InlineData("pseries")]
    public void A_device_that_leaves_and_returns_has_its_group_and_driver_again(string machine)
    {
        using SoftwareHost host = Start(machine);
        string before = Describe(host);
        DeviceUse[] devices = [.. host.ListGroupUses().SelectMany(group => group.Devices).Where(device => device.Driver == "vfio-pci")];
        Assert.NotEmpty(devices);
        foreach (DeviceUse device in devices)
        {
            Assert.True(host.Detach(device.Address).IsSuccess);
            Assert.DoesNotContain(device.Address.ToString(), Describe(host), StringComparison.Ordinal);
            Assert.True(host.Attach(device.Address).IsSuccess);
            Assert.Equal(before, Describe(host));
        }
    }

    [Fact]
    public void Attach_of_a_device_in_place_is_EEXIST()
    {
        using SoftwareHost host = Start("x86");
        Assert.Equal(Errno.EEXIST, host.Attach(Edu).Errno);
    }

    [Fact]
    public void Attach_of_a_device_the_machine_does_not_describe_is_ENODEV()
    {
        using SoftwareHost host = Start("x86");
        Assert.Equal(Errno.ENODEV, host.Attach(Address("0000:7f:00.0")).Errno);
    }

    [Fact]
    public void Detach_of_a_device_that_is_gone_is_ENODEV()
    {
        using SoftwareHost host = Start("x86");
        host.Detach(Edu);
        Assert.Equal(Errno.ENODEV, host.Detach(Edu).Errno);
    }

    [Fact]
    public void Detach_of_a_bridge_is_EINVAL()
    {
        using SoftwareHost host = Start("x86");
        Assert.Equal(Errno.EINVAL, host.Detach(Address("0000:00:04.0")).Errno);
    }

    private static PciAddress Edu => Address("0000:03:00.0");

    private static PciAddress Address(string text) => PciAddress.TryParse(text, out PciAddress address) ? address : throw new ArgumentException(text);

    private static SoftwareHost Start(string machine) =>
        new(MachinePlatform.Create(MachineFile.Load(Path.Combine(AppContext.BaseDirectory, machine + ".json")), DeviceCatalog.Default));

    private static string Describe(SoftwareHost host) => string.Join(
        '\n', host.ListGroupUses().OrderBy(group => group.Id).Select(group =>
            $"{group.Id}: {string.Join(", ", group.Devices.OrderBy(device => device.Address).Select(device => $"{device.Address} {device.Driver}"))}"));
}
