// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Host.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>Rules of the kernel's source that no recorded answer shows; each names where it is from.</summary>
public sealed class KernelRuleTests
{
    private const ulong Config = DeviceSession.Config;

    // Capabilities of net0 (e1000e).
    private const int PowerControl = 0xc8 + 4;
    private const int DeviceControl = 0xe0 + 8;
    private const int MsiControl = 0xd0 + 2;

    // pci.c: pcie_set_readrq
    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(6, 0)]
    [InlineData(7, 0)]
    public void Read_request_size_above_4096_is_shown_but_does_not_reach_the_device(ushort wanted, uint kept)
    {
        using var session = new DeviceSession("net0");
        session.Write16(Config + DeviceControl, (ushort)(wanted << 12));
        Assert.Equal(wanted, (session.Read32(Config + DeviceControl) >> 12) & 7);
        Assert.Equal(kept, (session.Function.ReadConfig(DeviceControl, 2) >> 12) & 7);
    }

    // pci.c: pci_power_up
    [Fact]
    public void Return_to_D0_clears_the_rest_of_the_power_register()
    {
        using var session = new DeviceSession("net0");
        session.Write16(Config + PowerControl, 0x1203);
        Assert.Equal(0x1203u, session.Read32(Config + PowerControl) & 0x1e03);
        session.Write16(Config + PowerControl, 0x1200);
        Assert.Equal(0u, session.Read32(Config + PowerControl) & 0x1e03);
    }

    // vfio_pci_core.c: vfio_pci_set_power_state with needs_pm_restore
    [Fact]
    public void State_that_a_device_loses_between_D3hot_and_D0_is_put_back()
    {
        using var session = new DeviceSession("net0", LosingItsState());
        int e = session.Event();
        session.Write16(Config + 4, 6);
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Msi, VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, 0, 1, e).IsSuccess);
        uint bar = session.Function.ReadConfig(0x10, 4);
        session.Write16(Config + PowerControl, 3);
        session.Write16(Config + PowerControl, 0);
        Assert.Equal(bar, session.Function.ReadConfig(0x10, 4));
        Assert.Equal(6u, session.Function.ReadConfig(4, 2) & 6);
        Assert.Equal(1u, session.Function.ReadConfig(MsiControl, 2) & 1);
    }

    // vfio_pci_core.c: vfio_pci_core_runtime_suspend
    [Fact]
    public void Low_power_takes_a_device_out_of_D3hot()
    {
        using var session = new DeviceSession("net0");
        session.Write16(Config + PowerControl, 3);
        var entry = new VfioDeviceFeature { Argsz = 8, Flags = VfioDeviceFeatureFlags.Set | VfioDeviceFeatureId.LowPowerEntry };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceFeature, ref entry));
        Assert.Equal(0u, session.Read32(Config + PowerControl) & 3);
    }

    // vfio_pci_core.c: vfio_pci_rw refuses before it wakes the device
    [Fact]
    public void Access_to_a_region_that_does_not_exist_wakes_nobody()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        var entry = new WakeUpEntry
        {
            Header = new VfioDeviceFeature { Argsz = 16, Flags = VfioDeviceFeatureFlags.Set | VfioDeviceFeatureId.LowPowerEntryWithWakeup },
            Entry = new VfioDeviceLowPowerEntryWithWakeup { WakeupEventfd = e },
        };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceFeature, ref entry));
        KernelResultAssert.Refused(Errno.EINVAL, session.Read(9UL << 40, new byte[4]));
        Assert.Equal(0UL, session.Take(e));
        Assert.True(session.Read(0, new byte[4]).IsSuccess);
        Assert.Equal(1UL, session.Take(e));
    }

    // vfio_pci_core.c: vfio_pci_nointx
    [Fact]
    public void Devices_whose_intx_cannot_be_watched_have_none()
    {
        using var session = new DeviceSession("net0", ChangedMachine.With(ChangedMachine.Net, device => ChangedMachine.Patch(device, 0, 0x86, 0x80, 0x72, 0x15)));
        var info = new VfioIrqInfo { Argsz = 16, Index = VfioPciIrqIndex.Intx };
        Assert.Equal(KernelResult.Success, session.Ioctl(VfioIoctl.DeviceGetIrqInfo, ref info));
        Assert.Equal(0u, info.Count);
        Assert.Equal(0u, session.Read32(Config + 0x3c) >> 8 & 0xff);
        Assert.Equal(0x400u, session.Function.ReadConfig(4, 2) & 0x400);
    }

    // vfio_pci_intrs.c: vfio_msi_disable
    [Fact]
    public void Intx_of_such_a_device_stays_off_after_messages()
    {
        using var session = new DeviceSession("net0", ChangedMachine.With(ChangedMachine.Net, device => ChangedMachine.Patch(device, 0, 0x86, 0x80, 0x72, 0x15)));
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Msi, VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, 0, 1, session.Event()).IsSuccess);
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Msi, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, 0, 0).IsSuccess);
        Assert.Equal(0x400u, session.Function.ReadConfig(4, 2) & 0x400);
    }

    // vfio_pci_intrs.c: vfio_msi_alloc_irq without has_dyn_msix
    [Theory]
    [InlineData(true, Errno.None)]
    [InlineData(false, Errno.EINVAL)]
    public void Msix_vectors_beyond_those_enabled_need_an_interrupt_domain_that_can_grow(bool grows, Errno expected)
    {
        using var session = new DeviceSession("net0");
        var messages = new MessageInterrupts(session.Function, new IntxInterrupt(session.Function, isHidden: false), 0xa0, isMsix: true, grows);
        byte[] events = BitConverter.GetBytes(session.Event());
        Assert.True(messages.Set(session.Process.Caller, VfioIrqSetFlags.DataEventfd, 0, 1, events).IsSuccess);
        Assert.Equal(expected, messages.Set(session.Process.Caller, VfioIrqSetFlags.DataEventfd, 2, 1, events).Errno);
    }

    // virqfd.c: virqfd_wakeup with EPOLLHUP
    [Fact]
    public void Unmask_eventfd_that_was_closed_makes_room_for_another()
    {
        using var session = new DeviceSession("edu0");
        const uint unmask = VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionUnmask;
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Intx, VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, 0, 1, session.Event()).IsSuccess);
        int first = session.Event();
        int copy = (int)session.Process.Duplicate(first).Value;
        int second = session.Event();
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Intx, unmask, 0, 1, first).IsSuccess);
        session.Process.Close(first);
        KernelResultAssert.Refused(Errno.EBUSY, session.SetIrqs(VfioPciIrqIndex.Intx, unmask, 0, 1, second));
        session.Process.Close(copy);
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Intx, unmask, 0, 1, second).IsSuccess);
    }

    // vfio_pci_core.c: vfio_pci_fill_devs
    [Theory]
    [InlineData(20u, Errno.EPERM)]
    [InlineData(12u, Errno.ENOSPC)]
    public void Hot_reset_information_about_a_device_in_no_group_returns_EPERM(uint size, Errno expected)
    {
        using var session = new DeviceSession("edu0");
        session.Process.Memory.TryWrite(session.Buffer, BitConverter.GetBytes(size));
        Assert.Equal(expected, HotReset.GetInfo(session.Process.Caller, session.Buffer, session.Function, new WithoutGroups(session.Platform)).Errno);
    }

    // vfio_pci.c: vfio_pci_probe
    [Fact]
    public void Devices_in_the_denylist_are_not_taken()
    {
        Assert.Throws<MachineFormatException>(() => ChangedMachine.With(ChangedMachine.Net, device => ChangedMachine.Patch(device, 0, 0x86, 0x80, 0xc8, 0x37)));
        using var session = new DeviceSession("edu0", ChangedMachine.With(ChangedMachine.Net, device =>
        {
            ChangedMachine.Patch(device, 0, 0x86, 0x80, 0xc8, 0x37);
            device.AsObject().Remove("driver");
        }));
        session.Host.Sysfs.WriteText($"/sys/bus/pci/devices/{ChangedMachine.Net}/driver_override", "vfio-pci");
        KernelResultAssert.Refused(Errno.EINVAL, session.Host.Sysfs.WriteText("/sys/bus/pci/drivers/vfio-pci/bind", ChangedMachine.Net));
    }

    // lib/uuid.c: uuid_is_valid
    [Theory]
    [InlineData("+0112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("0x112233-4455-6677-8899-aabbccddeeff")]
    public void Vf_token_is_of_hexadecimal_digits_alone(string token) =>
        KernelResultAssert.Refused(Errno.EINVAL, DeviceRequest.Match($"0000:03:00.0 vf_token={token}", "0000:03:00.0", out _));

    // vfio_pci_config.c: vfio_cap_len; what does not fit is hidden here, where the kernel would run past its table
    [Theory]
    [MemberData(nameof(CapabilitiesOfMoreThanFourBytes))]
    public void Capability_that_does_not_fit_is_hidden(byte id)
    {
        using var session = new DeviceSession("edu1", ChangedMachine.With("0000:00:03.0", device => ChangedMachine.AddCapability(device, 0xfc, id, 0, 0)));
        Assert.Equal(0x40u, session.Read32(Config + 0x34) & 0xff);
        session.Write32(Config + 0xfc, 0x80008000);
        Assert.Equal(0x11e81234u, session.Read32(Config));
    }

    [Theory]
    [InlineData(null, MemoryFault.None)]
    [InlineData("show", MemoryFault.None)]
    [InlineData("fault", MemoryFault.Bus)]
    public void Mapping_of_the_msix_table_faults_where_the_machine_says_so(string? option, MemoryFault expected)
    {
        using var session = new DeviceSession("nvme0", ChangedMachine.With(machine => machine["msixTableMapping"] = option ?? "show"));
        session.Process.Caller.Files.Find(session.Device, out HostFile? file);
        Assert.True(file!.Map(new MapRequest(0, 0x4000, MemoryProtection.ReadWrite, Shared: true), out IMappedRegion? region).IsSuccess);
        Assert.Equal(MemoryFault.None, region!.Load(0x1ffc, 4, out _));
        Assert.Equal(expected, region.Load(0x2000, 4, out _));
        Assert.Equal(expected, region.Store(0x2ffc, 4, 1));
        Assert.Equal(MemoryFault.None, region.Load(0x3000, 4, out _));
    }

    // Power management, AGP, VPD, MSI, PCI-X, Express, MSI-X, SATA, advanced features.
    public static TheoryData<byte> CapabilitiesOfMoreThanFourBytes => [0x01, 0x02, 0x03, 0x05, 0x07, 0x10, 0x11, 0x12, 0x13];

    private static MachineDescription LosingItsState() => ChangedMachine.With(ChangedMachine.Net, device =>
    {
        device["emulation"] = "hardware";
        ChangedMachine.Patch(device, PowerControl, 0, 0);
    });

    // The functions of a machine, with no IOMMU above any.
    private sealed class WithoutGroups : HostPlatform
    {
        public WithoutGroups(HostPlatform machine) => Populate(machine.Functions, _ => []);

        public override string Name => "without groups";

        public override int PageSize => 4096;

        public override uint DmaEntryLimit => 65535;

        public override string? InitialDriver(PciFunction function) => null;

        protected override PlatformGroup PlaceNew(PciFunction function, PciTopology topology) => throw new NotSupportedException();
    }

    private struct WakeUpEntry
    {
        public VfioDeviceFeature Header;
        public VfioDeviceLowPowerEntryWithWakeup Entry;
    }
}
