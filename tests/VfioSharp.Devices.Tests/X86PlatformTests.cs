// SPDX-License-Identifier: MIT
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;

namespace VfioSharp.Devices.Tests;

public sealed class X86PlatformTests
{
    // As Linux 7.2 numbered them on this machine (conformance/machines/x86.json, "groups").
    private static readonly string[] RecordedGroups =
    [
        "0000:00:00.0",
        "0000:00:03.0",
        "0000:00:04.0",
        "0000:00:05.0",
        "0000:00:06.0",
        "0000:00:07.0",
        "0000:00:08.0",
        "0000:00:09.0 0000:06:01.0 0000:06:02.0",
        "0000:00:0a.0",
        "0000:00:0b.0",
        "0000:00:0c.0",
        "0000:00:1d.0",
        "0000:00:1f.0 0000:00:1f.2 0000:00:1f.3",
        "0000:01:00.0",
        "0000:02:00.0 0000:02:00.1",
        "0000:03:00.0",
        "0000:04:00.0",
        "0000:05:00.0",
        "0000:07:00.0",
        "0000:08:00.0",
    ];

    private static X86Platform Load() => new(MachineFile.Load(Machine.X86File), DeviceCatalog.Default);

    [Fact]
    public void Groups_and_their_numbers_are_the_recorded_ones() => Assert.Equal(
        RecordedGroups,
        Load().Groups.Select(group => string.Join(' ', group.Functions.Select(function => function.Address))));

    [Fact]
    public void Every_function_of_the_file_is_there_by_address_and_alias()
    {
        X86Platform platform = Load();
        Assert.Equal(platform.Machine.Devices.Count, platform.Functions.Count);
        Assert.Equal("0000:03:00.0", platform.FindAlias("edu0")?.Address.ToString());
        Assert.Null(platform.FindAlias("vf0"));
    }

    [Fact]
    public void Group_has_the_recorded_aperture_and_reserved_range()
    {
        PlatformGroup group = Load().Groups[15];
        Assert.Equal(0xffff_ffff_ffffUL, group.ApertureLast.Value);
        Assert.Equal(0x4020_1000UL, group.PageSizes);
        ReservedRange range = Assert.Single(group.Reserved);
        Assert.Equal((0xfee0_0000UL, 0xfeef_ffffUL, "msi"), (range.Start.Value, range.Last.Value, range.Kind));
    }

    [Fact]
    public void Drivers_are_those_of_the_start_of_a_scenario()
    {
        X86Platform platform = Load();
        Assert.Equal("vfio-pci", platform.InitialDriver(platform.FindAlias("edu0")!));
        Assert.Equal("pcieport", platform.InitialDriver(platform.FindAlias("rp1")!));
        Assert.Null(platform.InitialDriver(platform.FindAlias("bridge0")!));
    }

    [Fact]
    public void Unknown_model_is_an_error_that_names_the_known_ones()
    {
        MachineDescription machine = MachineFile.Load(Machine.X86File);
        machine = machine with { Devices = [machine.Devices[0] with { Model = "nic" }] };
        var error = Assert.Throws<MachineFormatException>(() => new X86Platform(machine, DeviceCatalog.Default));
        Assert.Contains("edu or ram or snapshot", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"nic\"", error.Message, StringComparison.Ordinal);
    }
}
