// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>Vital product data by its capability (vfio_pci_config.c: vfio_vpd_config_write).</summary>
public sealed class VpdTests
{
    private const int Position = 0x40;
    private const ulong Address = DeviceSession.Config + Position + 2;
    private const ulong Data = DeviceSession.Config + Position + 4;
    private const ushort Flag = 0x8000;

    [Fact]
    public void Vpd_read_sets_the_flag_and_shows_four_bytes()
    {
        using DeviceSession session = Open(ChangedMachine.ProductData("network!"));
        Assert.Equal(0x6e000882u, ReadVpd(session, 0));
        Assert.Equal(Flag, ReadAddress(session));
        Assert.Equal(0x6b726f77u, ReadVpd(session, 6));
    }

    [Fact]
    public void Vpd_read_past_the_end_tag_gives_zeros()
    {
        using DeviceSession session = Open(ChangedMachine.ProductData("network!"));
        Assert.Equal(0x78u, ReadVpd(session, 11));
        Assert.Equal(0u, ReadVpd(session, 0x7ffc));
        Assert.Equal(Flag | 0x7ffc, ReadAddress(session));
    }

    [Fact]
    public void Vpd_write_clears_the_flag_and_is_kept_over_reopening()
    {
        using DeviceSession session = Open(ChangedMachine.ProductData("network!"));
        session.Write32(Data, 0x31323334);
        session.Write16(Address, Flag | 4);
        Assert.Equal(4, ReadAddress(session));
        session.Reopen();
        Assert.Equal(0x31323334u, ReadVpd(session, 4));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    public void Vpd_write_that_is_unaligned_or_past_the_end_never_completes(ushort offset)
    {
        using DeviceSession session = Open(ChangedMachine.ProductData("network!"));
        session.Write32(Data, 0x31323334);
        session.Write16(Address, (ushort)(Flag | offset));
        Assert.Equal(Flag | offset, ReadAddress(session));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("00112233")]
    [InlineData("ff112233")]
    public void Vpd_access_without_a_list_of_tags_never_completes(string? image)
    {
        using DeviceSession session = Open(image);
        session.Write16(Address, 4);
        Assert.Equal(4, ReadAddress(session));
        session.Write16(Address, Flag | 4);
        Assert.Equal(Flag | 4, ReadAddress(session));
    }

    [Fact]
    public void Vpd_address_written_by_halves_starts_with_the_upper_one()
    {
        using DeviceSession session = Open(ChangedMachine.ProductData("network!"));
        session.Write(Address, [6]);
        Assert.Equal(6, ReadAddress(session));
        session.Write(Address + 1, [0]);
        Assert.Equal(Flag | 6, ReadAddress(session));
        Assert.Equal(0x6b726f77u, session.Read32(Data));
    }

    [Fact]
    public void Vpd_of_a_device_without_the_capability_is_refused_in_the_machine_file()
    {
        MachineFormatException refused = Assert.Throws<MachineFormatException>(() => ChangedMachine.With(ChangedMachine.Net, device => device["vpd"] = "82"));
        Assert.Contains(".vpd: expected a device with the VPD capability", refused.Message, StringComparison.Ordinal);
    }

    private static DeviceSession Open(string? image) => new("net0", ChangedMachine.With(ChangedMachine.Net, device =>
    {
        ChangedMachine.AddCapability(device, Position, 3, 0, 0, 0, 0, 0, 0);
        if (image is not null) device["vpd"] = image;
    }));

    private static uint ReadVpd(DeviceSession session, ushort offset)
    {
        session.Write16(Address, offset);
        return session.Read32(Data);
    }

    private static int ReadAddress(DeviceSession session)
    {
        var bytes = new byte[2];
        Assert.Equal(2, session.Read(Address, bytes).Value);
        return BitConverter.ToUInt16(bytes);
    }
}
