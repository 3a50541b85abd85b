// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

public sealed class ConfigTests
{
    private const ulong Config = DeviceSession.Config;

    [Fact]
    public void Bar_sizing_answers_without_touching_the_hardware()
    {
        using var session = new DeviceSession("edu0");
        uint assigned = session.Read32(Config + 0x10);
        session.Write32(Config + 0x10, uint.MaxValue);
        Assert.Equal(0xfff00000u, session.Read32(Config + 0x10));
        Assert.Equal(assigned, session.Function.ReadConfig(0x10, 4));
        Assert.Equal(0x010000edu, session.Read32(0));
    }

    [Fact]
    public void Intx_disable_is_the_users_own_bit()
    {
        using var session = new DeviceSession("edu0");
        session.Write16(Config + 4, 0x402);
        Assert.Equal(0x402u, session.Read32(Config + 4) & 0xffff);
        session.Write16(Config + 4, 0x2);
        Assert.Equal(0x2u, session.Read32(Config + 4) & 0xffff);
    }

    [Fact]
    public void Msi_registers_are_the_users_own()
    {
        using var session = new DeviceSession("edu0");
        session.Write32(Config + 0x44, 0xfee00000);
        Assert.Equal(0xfee00000u, session.Read32(Config + 0x44));
        Assert.Equal(0u, session.Function.ReadConfig(0x44, 4));
        session.Write16(Config + 0x42, 1);
        Assert.Equal(0u, session.Function.ReadConfig(0x42, 2) & 1);
    }

    [Theory]
    [InlineData(252UL, 8UL)]
    [InlineData(256UL, 1UL)]
    [InlineData(255UL, 2UL)]
    [InlineData(0xffffffffUL, 4UL)]
    public void Access_past_the_end_is_EFAULT(ulong offset, ulong count)
    {
        using var session = new DeviceSession("edu0");
        KernelResultAssert.Refused(Errno.EFAULT, session.Process.Read(session.Device, session.Buffer, count, Config + offset));
        KernelResultAssert.Refused(Errno.EFAULT, session.Process.Write(session.Device, session.Buffer, count, Config + offset));
    }

    [Fact]
    public void Closing_restores_the_header()
    {
        using var session = new DeviceSession("net0");
        var before = new byte[64];
        session.Read(Config, before);
        session.Write16(Config + 4, 0x446);
        session.Write32(Config + 0x10, uint.MaxValue);
        session.Write32(Config + 0x3c, 0x77);
        session.Reopen();
        var after = new byte[64];
        session.Read(Config, after);
        Assert.Equal(before, after);
    }

    [Fact]
    public void Closing_stops_bus_mastering()
    {
        using var session = new DeviceSession("edu0");
        session.Write16(Config + 4, 6);
        session.Process.Close(session.Device);
        Assert.Equal(0u, session.Function.ReadConfig(4, 2) & 4);
    }

    [Fact]
    public void Reset_works_where_the_device_is_alone_on_its_bus()
    {
        using var edu = new DeviceSession("edu0");
        Assert.Equal(KernelResult.Success, edu.Process.Ioctl(edu.Device, VfioIoctl.DeviceReset, 0));
        using var conv = new DeviceSession("conv0");
        KernelResultAssert.Refused(Errno.EINVAL, conv.Process.Ioctl(conv.Device, VfioIoctl.DeviceReset, 0));
    }

    [Fact]
    public void Capability_lists_damaged_in_every_way_open_without_an_exception()
    {
        var random = new Random(7);
        for (int round = 0; round < 300; round++)
        {
            var config = new byte[round % 2 == 0 ? 256 : 4096];
            random.NextBytes(config);
            config[6] |= 0x10;
            config[0x0e] = 0;
            var description = new Machines.DeviceDescription(
                "snapshot", new VfioSharp.Pci.PciAddress(0, 1, 0, 0), null, "vfio-pci", config, config.Length, [], [],
                Pci.ConfigEmulation.Qemu, [], []);
            var machine = new Machines.MachineDescription(
                "damaged", Platforms.PlatformKind.X86, 4096, 0, 0, 65535, new Machines.IommuDescription(0x1000, 48, []), [], [description]);
            var platform = new Platforms.X86Platform(machine, Devices.DeviceCatalog.Default);
            var device = new Host.VfioPci.VfioPciDevice(platform.Functions[0], platform, _ => null);
            using var host = new SoftwareHost(platform);
            using SoftwareProcess process = host.CreateProcess("test");
            ulong memory = (ulong)process.MapAnonymous(8192, 4096, MemoryProtection.ReadWrite, MemoryKind.Private).Value;
            Assert.Equal(KernelResult.Success, device.OpenDevice());
            Assert.Equal(config.Length, device.Read(process.Caller, memory, (ulong)config.Length, Config).Value);
            Assert.Equal(config.Length, device.Write(process.Caller, memory, (ulong)config.Length, Config).Value);
            device.CloseDevice();
        }
    }
}
