// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Groups;

public sealed class GroupTests
{
    [Fact]
    public void Open_a_second_time_returns_EBUSY_and_names_the_owner()
    {
        using var session = new Type1Session();
        using SoftwareProcess other = session.Host.CreateProcess("other");
        KernelResult second = other.Open("/dev/vfio/1", OpenMode.ReadWrite);
        Assert.Equal(Errno.EBUSY, second.Errno);
        Assert.Contains("by test", second.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Group_of_a_device_bound_to_a_host_driver_is_not_viable()
    {
        using var session = new Type1Session(new TestPlatform(1, 2));
        Bind(session, "0000:02:00.1", "e1000e");
        int group = session.OpenGroup(2);
        KernelResult joined = session.SetContainer(group);
        Assert.Equal(Errno.EPERM, joined.Errno);
        Assert.Contains("0000:02:00.1 is bound to e1000e", joined.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_driver_cannot_take_a_device_of_a_group_in_use()
    {
        using var session = new Type1Session(new TestPlatform(2));
        Write(session, "/sys/bus/pci/devices/0000:01:00.1/driver/unbind", "0000:01:00.1");
        Write(session, "/sys/bus/pci/devices/0000:01:00.1/driver_override", "nvme");
        KernelResult bound = session.Host.Sysfs.WriteText("/sys/bus/pci/drivers/nvme/bind", "0000:01:00.1");
        Assert.Equal(Errno.EBUSY, bound.Errno);
        Assert.Contains("vfio (process test)", bound.Reason, StringComparison.Ordinal);

        // By drivers_probe the same failure is EINVAL, as in Linux.
        Assert.Equal(Errno.EINVAL, session.Host.Sysfs.WriteText("/sys/bus/pci/drivers_probe", "0000:01:00.1").Errno);
    }

    [Fact]
    public void Documented_fidelity_returns_the_probes_own_error()
    {
        using var session = new Type1Session(new TestPlatform(2), fidelity: Fidelity.Documented);
        Write(session, "/sys/bus/pci/devices/0000:01:00.1/driver/unbind", "0000:01:00.1");
        Write(session, "/sys/bus/pci/devices/0000:01:00.1/driver_override", "nvme");
        Assert.Equal(Errno.EBUSY, session.Host.Sysfs.WriteText("/sys/bus/pci/drivers_probe", "0000:01:00.1").Errno);
        Assert.Equal(Errno.ENODEV, OpenWithIommu(session, 9).Errno);
    }

    [Fact]
    public void Groups_exist_without_a_VFIO_driver_but_have_no_node()
    {
        using var session = new Type1Session(new TestPlatform(1, 1));
        Write(session, "/sys/bus/pci/devices/0000:02:00.0/driver/unbind", "0000:02:00.0");
        Assert.Equal(KernelResult.Ok("../../../kernel/iommu_groups/2".Length), session.Host.Sysfs.ReadLink("/sys/bus/pci/devices/0000:02:00.0/iommu_group", out string? target));
        Assert.EndsWith("/2", target, StringComparison.Ordinal);
        Assert.Equal(Errno.ENOENT, session.Process.Open("/dev/vfio/2", OpenMode.ReadWrite).Errno);
    }

    [Fact]
    public void Closing_everything_in_any_order_frees_the_group()
    {
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (int[] order in orders)
        {
            using var host = new SoftwareHost(new TestPlatform(1));
            using SoftwareProcess process = host.CreateProcess("closer");
            using var kernel = new SoftwareKernel(process);
            int container = (int)process.Open("/dev/vfio/vfio", OpenMode.ReadWrite).Value;
            int group = (int)process.Open("/dev/vfio/1", OpenMode.ReadWrite).Value;
            kernel.Ioctl(group, VfioIoctl.GroupSetContainer, BitConverter.GetBytes(container));
            kernel.Ioctl(container, VfioIoctl.SetIommu, 3);
            KernelResult device = kernel.Ioctl(group, VfioIoctl.GroupGetDeviceFd, System.Text.Encoding.ASCII.GetBytes("0000:01:00.0\0"));
            Assert.True(device.IsSuccess, device.ToString());
            int[] descriptors = [container, group, (int)device.Value];
            foreach (int i in order) Assert.Equal(KernelResult.Success, process.Close(descriptors[i]));
            Assert.Equal(KernelResult.Ok(container), process.Open("/dev/vfio/1", OpenMode.ReadWrite));
        }
    }

    [Fact]
    public void Unset_container_with_an_open_device_returns_EBUSY()
    {
        using var session = new Type1Session();
        using var kernel = new SoftwareKernel(session.Process);
        Assert.True(kernel.Ioctl(session.Group, VfioIoctl.GroupGetDeviceFd, System.Text.Encoding.ASCII.GetBytes("0000:01:00.0\0")).IsSuccess);
        Assert.Equal(Errno.EBUSY, session.Process.Ioctl(session.Group, VfioIoctl.GroupUnsetContainer, 0).Errno);
    }

    [Fact]
    public void Group_with_another_aperture_that_mappings_leave_cannot_join()
    {
        var platform = new TestPlatform(1);
        platform.AddGroup([new TestPlatform.BareFunction(new VfioSharp.Pci.PciAddress(0, 9, 0, 0))], [], last: 0xffff_ffff);
        using var session = new Type1Session(platform);
        Assert.Equal(KernelResult.Success, session.Map(session.Anonymous(4096), 0x1_0000_0000, 4096));
        KernelResult joined = session.SetContainer(session.OpenGroup(2));
        Assert.Equal(Errno.EINVAL, joined.Errno);
        Assert.Contains("0x100000000", joined.Reason, StringComparison.Ordinal);
    }

    private static KernelResult OpenWithIommu(Type1Session session, ulong type)
    {
        session.Process.Ioctl(session.Group, VfioIoctl.GroupUnsetContainer, 0);
        session.SetContainer(session.Group);
        return session.Process.Ioctl(session.Container, VfioIoctl.SetIommu, type);
    }

    private static void Bind(Type1Session session, string address, string driver)
    {
        Write(session, $"/sys/bus/pci/devices/{address}/driver/unbind", address);
        Write(session, $"/sys/bus/pci/devices/{address}/driver_override", driver);
        Write(session, "/sys/bus/pci/drivers_probe", address);
    }

    private static void Write(Type1Session session, string path, string text)
    {
        KernelResult written = session.Host.Sysfs.WriteText(path, text);
        Assert.True(written.IsSuccess, written.ToString());
    }
}
