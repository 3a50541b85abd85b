// SPDX-License-Identifier: MIT
namespace VfioSharp.Pci.Tests;

public sealed class PciAddressTests
{
    [Theory]
    [InlineData("0000:03:00.0")]
    [InlineData("ffff:ff:1f.7")]
    public void TryParse_reads_what_ToString_prints(string text)
    {
        Assert.True(PciAddress.TryParse(text, out PciAddress address));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("03:00.0")]
    [InlineData("0000:03:20.0")]
    [InlineData("0000:03:00.8")]
    [InlineData("0000-03:00.0")]
    [InlineData("00g0:03:00.0")]
    [InlineData("0000:03:00.0 ")]
    public void TryParse_refuses_other_text(string text) => Assert.False(PciAddress.TryParse(text, out _));

    [Fact]
    public void Addresses_order_by_segment_bus_device_function()
    {
        Assert.True(new PciAddress(0, 1, 0, 0) > new PciAddress(0, 0, 31, 7));
        Assert.True(new PciAddress(1, 0, 0, 0) > new PciAddress(0, 255, 31, 7));
    }
}
