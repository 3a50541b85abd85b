// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

public sealed class RomTests
{
    private const uint RomRegion = 6;
    private const ulong At = PciMachine.BarAddress;

    [Fact]
    public void Rom_is_read_from_the_device_when_the_guest_looks()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Place(device);
        Assert.DoesNotContain(machine.Kernel.Take(), call => call.StartsWith("read region 6", StringComparison.Ordinal));
        Assert.Equal(0xaa55u, machine.Read32(At) & 0xffff);
        Assert.Contains(machine.Kernel.Take(), call => call.StartsWith("read region 6", StringComparison.Ordinal));
        machine.Read32(At + 4);
        Assert.Empty(machine.Kernel.Take());
    }

    [Fact]
    public void Rom_is_sized_by_its_register()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        device.WriteConfig(0x30, 4, 0xfffff800);
        Assert.Equal(0xfffc0000u, device.ReadConfig(0x30, 4));
    }

    [Theory]
    [InlineData("host=5:0.0,rombar=0")]
    [InlineData("host=5:0.0,romfile=")]
    [InlineData("host=3:0.0")]
    public void No_rom_no_register(string options)
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add(options);
        device.WriteConfig(0x30, 4, uint.MaxValue);
        Assert.Equal(0u, device.ReadConfig(0x30, 4));
    }

    [Fact]
    public void Rom_of_a_file_replaces_the_devices()
    {
        string file = Path.Combine(AppContext.BaseDirectory, "test.rom");
        File.WriteAllBytes(file, [0x55, 0xaa, 1, 2]);
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add($"host=5:0.0,romfile={file}");
        Place(device);
        Assert.Equal((0x0201aa55u, uint.MaxValue), (machine.Read32(At), machine.Read32(At + 4)));
        Assert.DoesNotContain("DEVICE_GET_REGION_INFO 6", machine.Kernel.Take());
    }

    [Fact]
    public void File_that_cannot_be_read_fails_the_device()
    {
        using var machine = new PciMachine();
        Assert.Contains("romfile=/nowhere/x.rom", Assert.Throws<DeviceAssignmentException>(() => machine.Add("host=5:0.0,romfile=/nowhere/x.rom")).Message, StringComparison.Ordinal);
        Assert.Empty(machine.HostDevices.Containers);
    }

    [Fact]
    public void Image_shorter_than_its_register_is_followed_by_ones()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Place(device);
        machine.Kernel.ReadAnswer = (region, offset, bytes) =>
        {
            if (region != RomRegion) return null;
            int length = offset == 0 ? 512 : 0;
            bytes[..length].Fill(0x11);
            bytes[length..].Fill(0xff);
            return KernelResult.Ok(length);
        };
        Assert.Equal((0x11111111u, uint.MaxValue), (machine.Read32(At + 508), machine.Read32(At + 512)));
    }

    [Fact]
    public void Interrupted_reads_are_tried_again()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Place(device);
        var errors = new Queue<Errno>([Errno.EINTR, Errno.EAGAIN]);
        machine.Kernel.ReadAnswer = (region, _, _) => region == RomRegion && errors.TryDequeue(out Errno errno) ? KernelResult.FailSilently(errno) : null;
        Assert.Equal(0xaa55u, machine.Read32(At) & 0xffff);
        Assert.Empty(machine.Warnings);
    }

    [Fact]
    public void Other_errors_drop_the_rom_with_a_warning_and_the_device_goes_on()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=5:0.0");
        Place(device);
        machine.Kernel.ReadAnswer = (region, _, _) => region == RomRegion ? KernelResult.FailSilently(Errno.EIO) : null;
        Assert.Equal(uint.MaxValue, machine.Read32(At));
        Assert.Contains("its ROM cannot be read at 0x0 (EIO)", Assert.Single(machine.Warnings), StringComparison.Ordinal);
        Assert.Equal(0x10d38086u, device.ReadConfig(0, 4));
    }

    private static void Place(AssignedPciDevice device)
    {
        device.WriteConfig(0x30, 4, (uint)At | 1);
        device.WriteConfig(4, 2, 2);
    }
}
