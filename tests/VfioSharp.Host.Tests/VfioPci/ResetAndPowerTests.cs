// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Files;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

public sealed class ResetAndPowerTests
{
    private const uint Set = VfioDeviceFeatureFlags.Set;

    // struct vfio_pci_hot_reset with one group descriptor.
    private struct GroupsToReset
    {
        public VfioPciHotReset Header;
        public int Group;
    }

    [Fact]
    public void Hot_reset_needs_the_group_of_every_affected_device()
    {
        using var session = new DeviceSession("mf0");
        var reset = new GroupsToReset { Header = new VfioPciHotReset { Argsz = 16, Count = 1 }, Group = session.Group };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DevicePciHotReset, ref reset));
        reset.Group = session.Container;
        KernelResultAssert.Refused(Errno.EINVAL, session.Ioctl(VfioIoctl.DevicePciHotReset, ref reset));
        reset.Group = 999;
        KernelResultAssert.Refused(Errno.EBADF, session.Ioctl(VfioIoctl.DevicePciHotReset, ref reset));
    }

    [Fact]
    public void Hot_reset_keeps_configuration_and_messages()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Msi, VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, 0, 1, e).IsSuccess);
        session.Write16(DeviceSession.Config + 4, 6);
        var reset = new GroupsToReset { Header = new VfioPciHotReset { Argsz = 16, Count = 1 }, Group = session.Group };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DevicePciHotReset, ref reset));
        Assert.Equal(6u, session.Read32(DeviceSession.Config + 4) & 0xffff);
        session.Write32(0x60, 1);
        Assert.Equal(1UL, session.Take(e));
    }

    [Fact]
    public void Device_on_a_root_bus_has_no_hot_reset()
    {
        using var session = new DeviceSession("edu1");
        var reset = new GroupsToReset { Header = new VfioPciHotReset { Argsz = 16, Count = 1 }, Group = session.Group };
        KernelResultAssert.Refused(Errno.ENODEV, session.Ioctl(VfioIoctl.DevicePciHotReset, ref reset));
    }

    [Fact]
    public void Eventfd_writes_a_register()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        var request = new VfioDeviceIoeventfd { Argsz = 32, Flags = 4, Offset = 4, Data = 0x1234, Fd = e };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceIoeventfd, ref request));
        KernelResultAssert.Refused(Errno.EEXIST, session.Ioctl(VfioIoctl.DeviceIoeventfd, ref request));
        session.Process.WriteEvent(e, 1);
        Assert.True(SpinWait.SpinUntil(() => session.Read32(4) == 0xffffedcb, 2000));
        request.Fd = -1;
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceIoeventfd, ref request));
        KernelResultAssert.Refused(Errno.ENODEV, session.Ioctl(VfioIoctl.DeviceIoeventfd, ref request));
    }

    [Fact]
    public void Power_states_that_the_capability_does_not_name_are_not_entered()
    {
        using var session = new DeviceSession("net0");
        ulong control = DeviceSession.Config + (ulong)PowerControl(session);
        session.Write16(control, 1);
        Assert.Equal(0u, session.Read32(control) & 3);
        session.Write16(control, 3);
        session.Write16(control, 2);
        Assert.Equal(3u, session.Read32(control) & 3);
    }

    [Fact]
    public void Reset_wakes_a_device_from_D3()
    {
        using var session = new DeviceSession("net0");
        session.Write16(DeviceSession.Config + 4, 7);
        session.Write16(DeviceSession.Config + (ulong)PowerControl(session), 3);
        KernelResultAssert.Refused(Errno.EIO, session.Read(0, new byte[4]));
        Assert.Equal(KernelResult.Success, session.Process.Ioctl(session.Device, VfioIoctl.DeviceReset, 0));
        Assert.True(session.Read(0, new byte[4]).IsSuccess);
    }

    [Fact]
    public void Closing_the_last_device_of_a_bus_resets_what_cannot_be_reset_alone()
    {
        const int messageAddress = 0x44;
        using var session = new DeviceSession("conv0");
        PciFunction neighbour = session.Platform.FindAlias("conv1")!;
        neighbour.WriteConfig(messageAddress, 4, 0xfee00000);
        int other = session.Open(neighbour.Address.ToString());
        session.Process.Close(session.Device);
        Assert.Equal(0xfee00000u, neighbour.ReadConfig(messageAddress, 4));
        session.Process.Close(other);
        Assert.Equal(0u, neighbour.ReadConfig(messageAddress, 4));
    }

    private static int PowerControl(DeviceSession session)
    {
        int position = (int)session.Function.ReadConfig(0x34, 1);
        while ((session.Function.ReadConfig(position, 1) & 0xff) != 1) position = (int)session.Function.ReadConfig(position + 1, 1);
        return position + 4;
    }

    [Fact]
    public void Low_power_makes_mappings_fault_until_it_is_left()
    {
        using var session = new DeviceSession("edu0");
        session.Process.Caller.Files.Find(session.Device, out HostFile? file);
        file!.Map(new MapRequest(0, 4096, MemoryProtection.ReadWrite, Shared: true), out IMappedRegion? region);
        var entry = new VfioDeviceFeature { Argsz = 8, Flags = Set | VfioDeviceFeatureId.LowPowerEntry };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceFeature, ref entry));
        KernelResultAssert.Refused(Errno.EINVAL, session.Ioctl(VfioIoctl.DeviceFeature, ref entry));
        Assert.Equal(MemoryFault.Bus, region!.Load(0, 4, out _));
        Assert.Equal(0x010000edu, session.Read32(0));
        var exit = new VfioDeviceFeature { Argsz = 8, Flags = Set | VfioDeviceFeatureId.LowPowerExit };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceFeature, ref exit));
        Assert.Equal(MemoryFault.None, region.Load(0, 4, out _));
    }
}
