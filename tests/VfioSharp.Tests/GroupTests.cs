// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Linux;
using VfioSharp.Pci;

namespace VfioSharp.Tests;

public sealed class GroupTests
{
    [Fact]
    public void Open_by_address_follows_the_iommu_group_link()
    {
        var kernel = new FakeKernel();
        kernel.Links["/sys/bus/pci/devices/0000:03:00.0/iommu_group"] = "../../../../kernel/iommu_groups/15";
        using VfioGroup group = VfioGroup.Open(kernel, TestMachine.Address);
        Assert.Equal(15, group.Number);
        Assert.Contains("/dev/vfio/15", kernel.OpenFiles);
    }

    [Fact]
    public void Open_by_address_of_an_unknown_device_returns_ENOENT_and_names_it()
    {
        VfioException refusal = Assert.Throws<VfioException>(() => VfioGroup.Open(new FakeKernel(), TestMachine.Address));
        Assert.Equal(Errno.ENOENT, refusal.Errno);
        Assert.Contains("0000:03:00.0", refusal.Reason);
    }

    [Fact]
    public void Open_by_address_refuses_a_link_that_is_no_group()
    {
        var kernel = new FakeKernel();
        kernel.Links["/sys/bus/pci/devices/0000:03:00.0/iommu_group"] = "../../elsewhere";
        VfioException refusal = Assert.Throws<VfioException>(() => VfioGroup.Open(kernel, TestMachine.Address));
        Assert.Equal(Errno.EPROTO, refusal.Errno);
    }

    [Fact]
    public void ListMembers_gives_drivers_and_null_for_none()
    {
        var kernel = new FakeKernel();
        kernel.Folders["/sys/kernel/iommu_groups/7/devices"] = ["0000:00:09.0", "0000:06:01.0"];
        kernel.Links["/sys/bus/pci/devices/0000:06:01.0/driver"] = "../../../bus/pci/drivers/vfio-pci";
        using VfioGroup group = VfioGroup.Open(kernel, 7);
        GroupMember[] expected = [new(new PciAddress(0, 0, 9, 0), null), new(new PciAddress(0, 6, 1, 0), "vfio-pci")];
        Assert.Equal(expected, group.ListMembers());
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("vfio-pci", false)]
    [InlineData("mlx5_vfio_pci", false)]
    [InlineData("pci-stub", false)]
    [InlineData("pcieport", false)]
    [InlineData("e1000e", true)]
    public void Member_blocks_by_its_driver(string? driver, bool blocks) =>
        Assert.Equal(blocks, new GroupMember(TestMachine.Address, driver).Blocks);

    [Fact]
    public void ExplainViability_without_a_blocking_driver_suspects_another_owner()
    {
        var kernel = new FakeKernel { GroupFlags = 0 };
        kernel.Folders["/sys/kernel/iommu_groups/7/devices"] = ["0000:06:01.0"];
        using VfioGroup group = VfioGroup.Open(kernel, 7);
        GroupViability viability = group.ExplainViability();
        Assert.False(viability.IsViable);
        Assert.Contains("another owner", viability.Explanation);
    }

    [Fact]
    public void Status_flags_are_decoded()
    {
        var kernel = new FakeKernel { GroupFlags = VfioGroupFlags.ContainerSet };
        using VfioGroup group = VfioGroup.Open(kernel, 7);
        Assert.True(group.IsInContainer);
        Assert.False(group.IsViable);
    }

    [Fact]
    public void OpenDevice_passes_the_address_with_its_terminating_zero()
    {
        using var machine = new TestMachine();
        machine.Kernel.AnswerIoctl(VfioIoctl.GroupGetDeviceFd, VfioSharp.Kernel.KernelResult.FailSilently(Errno.ENODEV));
        Assert.Throws<VfioException>(() => machine.Group.OpenDevice(TestMachine.Address));
        Assert.Equal("0000:03:00.0\0"u8.ToArray(), machine.Kernel.LastArgument);
    }
}
