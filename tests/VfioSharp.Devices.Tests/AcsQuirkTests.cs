// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Pci;
using VfioSharp.Host.Platforms;
using VfioSharp.Pci;

namespace VfioSharp.Devices.Tests;

/// <summary>Isolation that the kernel knows of without the device saying so (drivers/pci/quirks.c: pci_dev_acs_enabled).</summary>
public sealed class AcsQuirkTests
{
    private const byte Endpoint = 0;
    private const byte RootPort = 4;
    private const byte IntegratedEndpoint = 9;

    [Theory]
    [InlineData(0x8086, 0x1521, Endpoint, 2)]
    [InlineData(0x8086, 0x1520, Endpoint, 1)]
    [InlineData(0x14e4, 0x16d7, Endpoint, 2)]
    [InlineData(0x14e4, 0x8086, Endpoint, 1)]
    [InlineData(0x8086, 0x1e10, RootPort, 2)]
    [InlineData(0x8086, 0x1e20, RootPort, 1)]
    [InlineData(0x8086, 0xbeef, IntegratedEndpoint, 2)]
    [InlineData(0x1022, 0xbeef, IntegratedEndpoint, 1)]
    public void Functions_of_one_device_without_acs_are_apart_when_a_quirk_says_so(ushort vendor, ushort device, byte type, int groups) =>
        Assert.Equal(groups, Groups(Config(vendor, device, type)));

    [Theory]
    [InlineData(0x1du, 2)]
    [InlineData(0x0cu, 1)]
    public void Ports_from_Sunrise_Point_on_have_their_acs_control_four_bytes_on(uint control, int groups)
    {
        byte[] config = Config(0x8086, 0xa110, RootPort);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x100), 0x0001000d);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x104), 0x1d);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x108), control);
        Assert.Equal(groups, Groups(config));
    }

    // Two functions of one device, alike.
    private static int Groups(byte[] config)
    {
        var devices = Enumerable.Range(0, 2).Select(function => new DeviceDescription(
            "snapshot", new PciAddress(0, 0, 5, (byte)function), null, null, config, 4096, [], [], ConfigEmulation.Hardware, [], [])).ToList();
        var machine = new MachineDescription("two", PlatformKind.X86, 4096, 0, 0, 65535, new IommuDescription(0x1000, 48, []), [], devices);
        return new X86Platform(machine, DeviceCatalog.Default).Groups.Count;
    }

    private static byte[] Config(ushort vendor, ushort device, byte type)
    {
        var config = new byte[4096];
        BinaryPrimitives.WriteUInt16LittleEndian(config, vendor);
        BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(2), device);
        config[0x06] = 0x10;
        config[0x0e] = type == RootPort ? (byte)0x81 : (byte)0x80;
        config[0x34] = 0x40;
        config[0x40] = 0x10;
        config[0x42] = (byte)((type << 4) | 2);
        return config;
    }
}
