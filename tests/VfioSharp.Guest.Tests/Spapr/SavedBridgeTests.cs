// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;
using VfioSharp.Pci;

namespace VfioSharp.Guest.Tests.Spapr;

public sealed class SavedBridgeTests
{
    private static readonly PciAddress s_edu = new(0, 1, 0, 0);

    [Fact]
    public void Restored_bridge_has_what_the_saved_one_had()
    {
        using var before = new BareMachine();
        using var after = new BareMachine();
        Random random = new(11);
        PseriesHostBridge saved = before.Firmware.AddBridge(new HostBridgeOptions()), restored = after.Firmware.AddBridge(new HostBridgeOptions());
        for (int round = 0; round < 20; round++)
        {
            if (random.Next(3) == 0) saved.CreateWindow(16, 30, out _);
            else if (random.Next(3) == 0) saved.RemoveWindow(saved.DmaWindows[random.Next(2)]);
            foreach (GuestTceTable window in saved.DmaWindows)
                for (int i = random.Next(20); i > 0; i--) window.Put(window.Start.Value + ((ulong)random.Next(1000) << window.PageShift), (ulong)random.NextInt64());
            Assert.True(restored.TryRestore(saved.Save(), out string problem), problem);
            Assert.Equal(saved.Save(), restored.Save());
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(saved.DmaWindows[i].Mapped(), restored.DmaWindows[i].Mapped());
                Assert.Equal(saved.DmaWindows[i].IsDefault, restored.DmaWindows[i].IsDefault);
            }
        }
    }

    [Fact]
    public void Numbers_and_pins_are_restored()
    {
        using var before = new BareMachine();
        using var after = new BareMachine();
        PseriesHostBridge saved = before.Firmware.AddBridge(new HostBridgeOptions()), restored = after.Firmware.AddBridge(new HostBridgeOptions());
        var device = new PlainDevice();
        saved.Bus.Add(device, 0);
        saved.Interrupts.Change(0, ChangeMsiFunction.Msi, 4, out _, out _);
        device.Pin(true);
        restored.Bus.Add(new PlainDevice(), 0);
        Assert.True(restored.TryRestore(saved.Save(), out string problem), problem);
        Assert.Equal(RtasStatus.Success, restored.Interrupts.QuerySource(0, 3, out int number));
        Assert.Equal(0x1303, number);
        Assert.Equal([(0x1200, true)], after.Levels);
    }

    [Fact]
    public void Restored_windows_are_mapped_for_devices_that_are_there()
    {
        using var before = new BareMachine();
        PseriesHostBridge saved = before.Firmware.AddBridge(new HostBridgeOptions());
        saved.DmaWindows[0].Put(0x6000, 0x8003);
        using var machine = new PseriesMachine();
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        machine.Plug(bridge, s_edu, "edu0");
        machine.Put(bridge, 0, 0x1003);
        Assert.True(bridge.TryRestore(saved.Save(), out string problem), problem);
        machine.AssertReaches(s_edu, 0, null);
        machine.AssertReaches(s_edu, 0x6000, 0x8000);
    }

    [Fact]
    public void State_that_this_bridge_cannot_have_is_refused_and_nothing_changes()
    {
        using var machine = new BareMachine();
        PseriesHostBridge second = machine.Firmware.AddBridge(new HostBridgeOptions { Index = 1 });
        PseriesHostBridge other = machine.Firmware.AddBridge(new HostBridgeOptions { Index = 2, DefaultWindowBytes = 0x2000_0000 });
        second.DmaWindows[0].Put(0x1000, 3);
        byte[] before = second.Save();
        AssertRefused(other.Save(), "bridge 2");
        byte[] bytes = other.Save();
        bytes[8] = 1;
        AssertRefused(bytes, "cannot have a window of 131072 pages");
        bytes = second.Save();
        bytes[16] = 16;
        AssertRefused(bytes, "cannot have a window");
        AssertRefused([], "0 bytes");
        AssertRefused(second.Save()[..^1], "cut off");

        void AssertRefused(byte[] state, string why)
        {
            Assert.False(second.TryRestore(state, out string problem));
            Assert.Contains(why, problem, StringComparison.Ordinal);
            Assert.Equal(before, second.Save());
        }
    }

    [Fact]
    public void State_with_numbers_that_another_bridge_has_is_refused()
    {
        using var machine = new BareMachine();
        PseriesHostBridge first = machine.Firmware.AddBridge(new HostBridgeOptions()), second = machine.Firmware.AddBridge(new HostBridgeOptions { Index = 1 });
        first.Bus.Add(new PlainDevice(), 0);
        second.Bus.Add(new PlainDevice(), 0);
        first.Interrupts.Change(0, ChangeMsiFunction.Msi, 2, out _, out _);
        byte[] saved = first.Save();
        first.Interrupts.Change(0, ChangeMsiFunction.Msi, 0, out _, out _);
        second.Interrupts.Change(0, ChangeMsiFunction.Msi, 4, out _, out _);
        Assert.False(first.TryRestore(saved, out string problem));
        Assert.Contains("interrupt numbers", problem, StringComparison.Ordinal);
        Assert.Equal(RtasStatus.HardwareError, first.Interrupts.QuerySource(0, 0, out _));
    }

    [Fact]
    public void Random_bytes_never_stop_it()
    {
        using var machine = new BareMachine();
        PseriesHostBridge bridge = machine.Firmware.AddBridge(new HostBridgeOptions());
        Random random = new(12);
        byte[] good = bridge.Save();
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = round % 2 == 0 ? new byte[random.Next(200)] : [.. good];
            if (round % 2 == 0) random.NextBytes(bytes);
            else for (int i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!bridge.TryRestore(bytes, out string problem)) Assert.NotEmpty(problem);
        }
    }
}
