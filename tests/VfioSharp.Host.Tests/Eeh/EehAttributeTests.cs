// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Sysfs;
using VfioSharp.Host.Tests.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Eeh;

/// <summary>Files of sysfs and debugfs about errors.</summary>
public sealed class EehAttributeTests
{
    private const string Break = "/sys/kernel/debug/powerpc/eeh_dev_break";
    private const string State = "/sys/bus/pci/devices/0001:01:00.0/eeh_pe_state";

    [Fact]
    public void Eeh_pe_state_tells_the_platform_s_and_the_kernel_s_view_and_thaws()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Host.Sysfs.ReadText(State, out string? text);
        Assert.Equal("0x00000078 0x00000000\n", text);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        machine.Host.Sysfs.ReadText(State, out text);
        Assert.Equal("0x00000000 0x00000001\n", text);
        Assert.Equal(2, machine.Host.Sysfs.WriteText(State, "0\n").Value);
        machine.Host.Sysfs.ReadText(State, out text);
        Assert.Equal("0x00000078 0x00000000\n", text);
    }

    [Fact]
    public void Eeh_pe_config_addr_is_the_endpoint_s_number()
    {
        using var machine = new EehMachine();
        machine.Host.Sysfs.ReadText("/sys/bus/pci/devices/0002:02:01.0/eeh_pe_config_addr", out string? text);
        Assert.Equal("0x2\n", text);
        machine.Eeh.Leave(machine.First);
        KernelResultAssert.Refused(Errno.ENOENT, machine.Host.Sysfs.ReadText("/sys/bus/pci/devices/0002:02:01.0/eeh_pe_config_addr", out _));
    }

    [Fact]
    public void A_function_has_a_devspec_that_is_empty_without_a_node()
    {
        using var machine = new EehMachine();
        Assert.Equal(KernelResult.Success, machine.Host.Sysfs.ReadContent("/sys/bus/pci/devices/0001:01:00.0/devspec", out byte[] content));
        Assert.Empty(content);
        Assert.Contains(machine.Host.Sysfs.Picture().Entries.Keys, path => path.EndsWith("/0001:01:00.0/devspec", StringComparison.Ordinal));
    }

    [Fact]
    public void A_function_that_answers_ones_keeps_the_identity_it_was_found_with()
    {
        const string Device = "/sys/bus/pci/devices/0001:01:00.0/";
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, EehReset.Hot));
        machine.Process.Dispose();
        Assert.Equal(0xffffu, machine.Single.ReadConfig(0, 2));
        machine.Host.Sysfs.ReadText(Device + "vendor", out string? vendor);
        Assert.Equal("0x1234\n", vendor);
        Assert.True(machine.Host.Sysfs.WriteText("/sys/bus/pci/drivers/vfio-pci/unbind", "0001:01:00.0").IsSuccess);
        Assert.True(machine.Host.Sysfs.WriteText(Device + "driver_override", "vfio-pci\n").IsSuccess);
        Assert.True(machine.Host.Sysfs.WriteText("/sys/bus/pci/drivers_probe", "0001:01:00.0").IsSuccess);
    }

    [Theory]
    [InlineData(EehBehaviour.Hardware, VfioEehPeState.Stopped)]
    [InlineData(EehBehaviour.Qemu, VfioEehPeState.Normal)]
    public void Eeh_dev_break_freezes_where_hardware_acts_on_errors(EehBehaviour behaviour, uint state)
    {
        using var machine = new EehMachine(behaviour);
        machine.Open(machine.Single);
        Assert.Equal(13, machine.Host.Sysfs.WriteText(Break, "0001:01:00.0\n").Value);
        Assert.Equal(state, machine.State);
    }

    [Theory]
    [InlineData(Break, "0001:00:00.0", Errno.ENXIO)]
    [InlineData(Break, "0009:00:00.0", Errno.ENODEV)]
    [InlineData(Break, "edu", Errno.EINVAL)]
    [InlineData(SysfsModel.FreezeFile, "0001:01:00.0", Errno.EINVAL)]
    [InlineData(SysfsModel.FreezeFile, "0001:01:00.0 4", Errno.EINVAL)]
    [InlineData(SysfsModel.FreezeFile, "0009:01:00.0 3", Errno.ENODEV)]
    public void What_is_no_function_or_no_number_is_refused(string path, string text, Errno errno)
    {
        using var machine = new EehMachine();
        KernelResultAssert.Refused(errno, machine.Host.Sysfs.WriteText(path, text));
    }

    [Fact]
    public void Freeze_file_stops_what_it_is_told()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        Assert.True(machine.Host.Sysfs.WriteText(SysfsModel.FreezeFile, "0001:01:00.0 2\n").IsSuccess);
        Assert.Equal(VfioEehPeState.StoppedDma, machine.State);
    }

    [Fact]
    public void Machines_without_error_handling_have_no_such_files()
    {
        using var host = new SoftwareHost(new TestPlatform(1));
        Assert.False(host.Sysfs.Picture().Owns(Break));
        KernelResultAssert.Refused(Errno.ENOENT, host.Sysfs.WriteText(Break, "0000:01:00.0"));
    }
}
