// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Containers;
using VfioSharp.Guest.Dma;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Spapr;

/// <summary>Host devices on ordinary pseries bridges: what the guest puts into its windows is in the host's.</summary>
public sealed class BridgeAssignmentTests
{
    private static readonly PciAddress s_edu0 = new(0, 1, 0, 0), s_edu1 = new(1, 1, 0, 0);

    [Fact]
    public void Hot_plugged_device_finds_what_the_guest_mapped_before_and_nothing_else()
    {
        using var machine = new PseriesMachine();
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        for (ulong i = 0; i < 100; i++) machine.Put(bridge, i * 0x3000, (i * 0x5000) | 3);
        machine.Put(bridge, 0x3000, 0);
        machine.Plug(bridge, s_edu0, "edu0");
        for (ulong i = 0; i < 100; i++) machine.AssertReaches(s_edu0, i * 0x3000, i == 1 ? null : i * 0x5000);
        machine.AssertReaches(s_edu0, 0x1000, null);
        Assert.Empty(machine.Guest.Failures);
    }

    [Fact]
    public void First_assigned_device_switches_the_window_whose_entries_stay_and_later_puts_reach_the_host()
    {
        var kernel = new FakeTceAcceleration();
        using var machine = new PseriesMachine(acceleration: kernel);
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        for (ulong i = 0; i < 50; i++) machine.Put(bridge, i << 12, (i << 13) | 3);
        var before = bridge.DmaWindows[0].Raw().ToArray();
        Assert.True(bridge.DmaWindows[0].IsAccelerated);

        machine.Plug(bridge, s_edu0, "edu0");
        Assert.False(bridge.DmaWindows[0].IsAccelerated);
        Assert.Equal(before, bridge.DmaWindows[0].Raw());
        machine.Put(bridge, 0x100000, 0x7003);
        machine.AssertReaches(s_edu0, 0x100000, 0x7000);

        machine.Devices.Remove("edu0");
        Assert.True(bridge.DmaWindows[0].IsAccelerated);
        Assert.Equal(before.Append((0x100ul, 0x7003ul)), bridge.DmaWindows[0].Raw());
    }

    [Fact]
    public void Window_stays_out_of_the_kernel_until_the_last_assigned_device_is_gone()
    {
        using var machine = new PseriesMachine(acceleration: new FakeTceAcceleration());
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        machine.Plug(bridge, s_edu0, "edu0");
        machine.Plug(bridge, s_edu1, "edu1");
        machine.Devices.Remove("edu0");
        Assert.False(bridge.DmaWindows[0].IsAccelerated);
        machine.Put(bridge, 0, 0x3003);
        machine.AssertReaches(s_edu1, 0, 0x3000);
        machine.Devices.Remove("edu1");
        Assert.True(bridge.DmaWindows[0].IsAccelerated);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Emulated_and_assigned_devices_share_a_bridge(bool isAssignedFirst)
    {
        using var machine = new PseriesMachine(acceleration: new FakeTceAcceleration());
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        var emulated = new PlainDevice();
        if (isAssignedFirst) machine.Plug(bridge, s_edu0, "edu0");
        bridge.Bus.Add(emulated, 8 << 3);
        emulated.WriteConfig(4, 2, 6);
        machine.Put(bridge, 0x4000, 0x9003);
        if (!isAssignedFirst) machine.Plug(bridge, s_edu0, "edu0");
        machine.AssertReaches(s_edu0, 0x4000, 0x9000);
        machine.Ram.Memory.Store(0x9000, 8, 0x1122334455667788);
        byte[] read = new byte[8];
        Assert.True(emulated.Read(0x4000, read));
        Assert.Equal(0x1122334455667788u, BitConverter.ToUInt64(read));
    }

    [Fact]
    public void Several_groups_share_a_bridge_and_its_windows()
    {
        using var machine = new PseriesMachine();
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        AssignedPciDevice first = machine.Plug(bridge, s_edu0, "edu0"), second = machine.Plug(bridge, s_edu1, "edu1");
        Assert.NotEqual(first.Opened!.GroupNumber, second.Opened!.GroupNumber);
        machine.Put(bridge, 0x7000, 0x8001);
        machine.AssertReaches(s_edu0, 0x7000, 0x8000);
        machine.AssertReaches(s_edu1, 0x7000, 0x8000);
    }

    [Fact]
    public void Bridges_have_windows_and_devices_of_their_own()
    {
        using var machine = new PseriesMachine();
        PseriesHostBridge first = machine.Firmware.AddBridge(new HostBridgeOptions()), second = machine.Firmware.AddBridge(new HostBridgeOptions { Index = 1 });
        machine.Plug(first, s_edu0, "edu0");
        machine.Plug(second, s_edu1, "edu1");
        machine.Put(first, 0x1000, 0x2003);
        machine.Put(second, 0x1000, 0x5003);
        machine.AssertReaches(s_edu0, 0x1000, 0x2000);
        machine.AssertReaches(s_edu1, 0x1000, 0x5000);
        Assert.Equal(2, machine.Guest.Devices.Containers.Count);
    }

    [Fact]
    public void Window_given_by_properties_works_on_the_host_or_refuses_the_device()
    {
        using var machine = new PseriesMachine();
        PseriesHostBridge small = machine.Firmware.AddBridge(new HostBridgeOptions { DefaultWindowBytes = 0x1000_0000 });
        machine.Plug(small, s_edu0, "edu0");
        Assert.Equal(new IovaRange(default, new Iova(0xfff_ffff)), Assert.Single(Assert.Single(machine.Guest.Devices.Containers).Windows!.All).Range);

        PseriesHostBridge elsewhere = machine.Firmware.AddBridge(new HostBridgeOptions { Index = 1, DefaultWindowStart = new Iova(0x1_0000_0000) });
        string message = Assert.Throws<DeviceAssignmentException>(() => machine.Plug(elsewhere, s_edu1, "edu1")).Message;
        Assert.Contains("device 0001:01:00.0", message, StringComparison.Ordinal);
        Assert.Contains("0x100000000-0x13fffffff", message, StringComparison.Ordinal);
        Assert.Single(machine.Devices.All);
    }

    [Fact]
    public void Windows_that_the_guest_makes_and_removes_come_and_go_on_the_host()
    {
        using var machine = new PseriesMachine();
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        HostWindows windows = machine.Plug(bridge, s_edu0, "edu0").Opened!.Container.Windows!;
        Assert.Single(windows.All);
        Assert.Equal(RtasStatus.Success, bridge.CreateWindow(16, 28, out GuestTceTable? window));
        Assert.Equal(2, windows.All.Count);
        Assert.Equal(HypercallStatus.Success, machine.Firmware.Tces.Put(window!.Liobn, window.Start.Value + 0x30000, 0x50003));
        machine.AssertReaches(s_edu0, window.Start.Value + 0x34000, 0x54000);
        Assert.Equal(RtasStatus.Success, bridge.RemoveWindow(window));
        Assert.Single(windows.All);
        machine.AssertReaches(s_edu0, window.Start.Value + 0x34000, null);
        Assert.Empty(machine.Guest.Failures);
    }

    [Fact]
    public void Reset_leaves_the_default_window_empty_on_the_host_too_and_all_numbers_free()
    {
        using var machine = new PseriesMachine();
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        AssignedPciDevice edu = machine.Plug(bridge, s_edu0, "edu0");
        uint address = (uint)edu.Function << 8;
        Assert.Equal(RtasStatus.Success, bridge.Interrupts.Change(address, ChangeMsiFunction.Msi, 1, out _, out int given));
        bridge.CreateWindow(16, 28, out _);
        machine.Put(bridge, 0, 0x1003);
        machine.Firmware.Reset();
        machine.AssertReaches(s_edu0, 0, null);
        Assert.Single(edu.Opened!.Container.Windows!.All);
        Assert.Equal(RtasStatus.HardwareError, bridge.Interrupts.QuerySource(address, 0, out _));
        Assert.Equal(RtasStatus.Success, bridge.Interrupts.Change(address, ChangeMsiFunction.Msi, 1, out _, out int again));
        Assert.Equal(given, again);
    }

    [Fact]
    public void Message_of_an_assigned_device_reaches_the_interrupt_controller_by_its_number()
    {
        using var machine = new PseriesMachine();
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        AssignedPciDevice edu = machine.Plug(bridge, s_edu0, "edu0");
        bridge.Interrupts.Change((uint)edu.Function << 8, ChangeMsiFunction.Either, 1, out _, out int number);
        edu.WriteConfig(4, 2, 6);
        edu.WriteConfig(0x42, 2, 0x81);
        Assert.Equal(AssignedInterruptMode.Msi, edu.InterruptMode);
        Assert.True(machine.Guest.Host.InjectInterrupt(s_edu0, 0).IsSuccess);
        bridge.Bus.Events.RunPending(TimeSpan.FromSeconds(5));
        Assert.Equal((uint)number, Assert.Single(machine.Messages).Data);
    }
}
