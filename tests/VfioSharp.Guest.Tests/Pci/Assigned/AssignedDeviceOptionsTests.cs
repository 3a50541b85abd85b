// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class AssignedDeviceOptionsTests
{
    [Fact]
    public void QEMUs_syntax_is_read_with_all_its_properties()
    {
        var options = AssignedDeviceOptions.Parse(
            "vfio-pci,host=1:10.1,id=net0,bus=pci.0,addr=0x5.3,bootindex=2,multifunction=on,rombar=0,romfile=a,,b.rom,x-intx-mmap-timeout-ms=50,x-no-mmap=on,fd=7");
        Assert.Equal(
            new AssignedDeviceOptions
            {
                Host = new PciAddress(0, 1, 0x10, 1),
                Id = "net0",
                Bus = "pci.0",
                Function = 0x2b,
                BootIndex = 2,
                IsMultifunction = true,
                HasRom = false,
                RomFile = "a,b.rom",
                IntxMapTimeout = TimeSpan.FromMilliseconds(50),
                MapsBars = false,
                GroupDescriptor = 7,
            },
            options);
    }

    [Theory]
    [InlineData("host=0001:02:03.4", 1, 2, 3, 4)]
    [InlineData("host=1:10.1", 0, 1, 0x10, 1)]
    [InlineData("host=0:1f.7", 0, 0, 0x1f, 7)]
    public void Host_address_may_leave_the_domain_out(string property, int segment, int bus, int slot, int function) =>
        Assert.Equal(new PciAddress((ushort)segment, (byte)bus, (byte)slot, (byte)function), AssignedDeviceOptions.Parse("vfio-pci," + property).Host);

    [Fact]
    public void Unknown_property_is_refused_with_those_there_are()
    {
        var refused = Assert.Throws<DeviceAssignmentException>(() => AssignedDeviceOptions.Parse("vfio-pci,host=1:0.0,speed=11"));
        Assert.Contains("'speed'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("x-intx-mmap-timeout-ms", refused.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("e1000,host=1:0.0", "e1000")]
    [InlineData("vfio-pci", "no device of the host")]
    [InlineData("vfio-pci,host=1:20.0", "host=1:20.0")]
    [InlineData("vfio-pci,host=1:0.8", "host=1:0.8")]
    [InlineData("vfio-pci,host=12345:1:0.0", "host=12345:1:0.0")]
    [InlineData("vfio-pci,host=1:0.0,addr=20", "addr=20")]
    [InlineData("vfio-pci,host=1:0.0,multifunction=maybe", "multifunction=maybe")]
    [InlineData("vfio-pci,host=1:0.0,bootindex=first", "bootindex=first")]
    public void What_cannot_be_is_refused_by_name(string text, string named) =>
        Assert.Contains(named, Assert.Throws<DeviceAssignmentException>(() => AssignedDeviceOptions.Parse(text)).Message, StringComparison.Ordinal);
}
