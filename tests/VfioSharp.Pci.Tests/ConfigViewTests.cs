// SPDX-License-Identifier: MIT
namespace VfioSharp.Pci.Tests;

public sealed class ConfigViewTests
{
    // An Express endpoint with PM at 0x40, Express at 0x48, MSI-X at 0x84; AER at 0x100, ACS at 0x148.
    private static byte[] Card()
    {
        var bytes = new byte[4096];
        bytes[0x06] = 0x10;
        bytes[0x34] = 0x40;
        (bytes[0x40], bytes[0x41]) = (0x01, 0x48);
        (bytes[0x48], bytes[0x49], bytes[0x4a]) = (0x10, 0x84, 0x02);
        bytes[0x84] = 0x11;
        (bytes[0x100], bytes[0x102], bytes[0x103]) = (0x01, 0x02, 0x14);
        (bytes[0x101], bytes[0x148]) = (0x00, 0x0d);
        bytes[0x102] = 0x82;
        bytes[0x14a] = 0x01;
        return bytes;
    }

    [Theory]
    [InlineData(PciCapabilityId.PowerManagement, 0x40)]
    [InlineData(PciCapabilityId.Express, 0x48)]
    [InlineData(PciCapabilityId.MsiX, 0x84)]
    [InlineData(PciCapabilityId.Msi, 0)]
    public void FindCapability_walks_the_list(PciCapabilityId id, int position) =>
        Assert.Equal(position, new ConfigView(Card()).FindCapability(id));

    [Theory]
    [InlineData(PciExtendedCapabilityId.AdvancedErrorReporting, 0x100)]
    [InlineData(PciExtendedCapabilityId.AccessControlServices, 0x148)]
    [InlineData(PciExtendedCapabilityId.SingleRootIov, 0)]
    public void FindExtendedCapability_walks_the_list(PciExtendedCapabilityId id, int position) =>
        Assert.Equal(position, new ConfigView(Card()).FindExtendedCapability(id));

    [Fact]
    public void FindCapability_without_the_status_bit_finds_nothing()
    {
        byte[] bytes = Card();
        bytes[0x06] = 0;
        Assert.Equal(0, new ConfigView(bytes).FindCapability(PciCapabilityId.Express));
    }

    [Fact]
    public void FindCapability_in_a_loop_ends()
    {
        byte[] bytes = Card();
        bytes[0x85] = 0x40;
        Assert.Equal(0, new ConfigView(bytes).FindCapability(PciCapabilityId.Vendor));
    }

    [Fact]
    public void FindExtendedCapability_in_a_loop_ends()
    {
        byte[] bytes = Card();
        bytes[0x14b] = 0x10;
        Assert.Equal(0, new ConfigView(bytes).FindExtendedCapability(PciExtendedCapabilityId.SerialNumber));
    }

    [Fact]
    public void Bytes_that_are_missing_read_zero()
    {
        var view = new ConfigView([0x34, 0x12, 0xe8]);
        Assert.Equal(0x1234, view.VendorId);
        Assert.Equal(0x00e8, view.DeviceId);
        Assert.Equal(0u, view.Read32(0xffe));
    }

    [Theory]
    [InlineData(0x0000, 10)]
    [InlineData(0x0080, 14)]
    [InlineData(0x0100, 20)]
    [InlineData(0x0180, 24)]
    public void Msi_length_follows_its_control_register(int control, int length) =>
        Assert.Equal(length, CapabilityLength.Msi((ushort)control));
}
