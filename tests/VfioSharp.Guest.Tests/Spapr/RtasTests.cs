// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Spapr;
using VfioSharp.Guest.Spapr.Rtas;

namespace VfioSharp.Guest.Tests.Spapr;

public sealed class RtasTests : IDisposable
{
    private const uint BuidHigh = 0x08000000, BuidLow = 0x20000000;
    private const uint Device = 3 << 11;

    private readonly BareMachine _machine = new();
    private readonly PseriesHostBridge _bridge;
    private readonly PlainDevice _device = new();

    public RtasTests()
    {
        _bridge = _machine.Firmware.AddBridge(new HostBridgeOptions());
        _bridge.Bus.Add(_device, 3 << 3);
    }

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0u, 4u, 0x00011234u)]
    [InlineData(0u, 2u, 0x1234u)]
    [InlineData(2u, 2u, 0x0001u)]
    [InlineData(1u, 1u, 0x12u)]
    public void Config_read_gives_the_register_at_its_width(uint offset, uint size, uint value) =>
        Assert.Equal([0, (int)value], Rtas(RtasToken.IbmReadPciConfig, 2, Device | offset, BuidHigh, BuidLow, size));

    [Theory]
    [InlineData(Device, 3u)]
    [InlineData(Device, 8u)]
    [InlineData(Device | 1, 2u)]
    [InlineData(Device | 2, 4u)]
    [InlineData(0x1000_0000u | Device, 4u)]
    [InlineData(Device + 0x100, 4u)]
    [InlineData(Device | 0x10000, 4u)]
    public void Config_access_that_is_no_such_is_a_hardware_error(uint address, uint size)
    {
        Assert.Equal([-1, 0], Rtas(RtasToken.IbmReadPciConfig, 2, address, BuidHigh, BuidLow, size));
        Assert.Equal([-1], Rtas(RtasToken.IbmWritePciConfig, 1, address, BuidHigh, BuidLow, size, 0));
    }

    [Fact]
    public void Config_write_reaches_the_device()
    {
        Assert.Equal([0], Rtas(RtasToken.IbmWritePciConfig, 1, Device | 0x3c, BuidHigh, BuidLow, 1, 0x5a));
        Assert.Equal(0x5au, _device.ReadConfig(0x3c, 1));
    }

    [Fact]
    public void Short_config_calls_mean_a_bridge_that_is_not_there()
    {
        Assert.Equal([-1, 0], Rtas(RtasToken.ReadPciConfig, 2, Device, 4));
        Assert.Equal([-1], Rtas(RtasToken.WritePciConfig, 1, Device, 4, 0));
    }

    [Theory]
    [InlineData(RtasToken.IbmReadPciConfig, 3, 2u, -1)]
    [InlineData(RtasToken.IbmReadPciConfig, 4, 1u, -1)]
    [InlineData(RtasToken.IbmWritePciConfig, 4, 1u, -1)]
    [InlineData(RtasToken.QueryPeDmaWindow, 3, 4u, -3)]
    [InlineData(RtasToken.CreatePeDmaWindow, 5, 3u, -3)]
    [InlineData(RtasToken.RemovePeDmaWindow, 2, 1u, -3)]
    [InlineData(RtasToken.ResetPeDmaWindow, 3, 2u, -3)]
    [InlineData(RtasToken.QueryInterruptSourceNumber, 3, 3u, -3)]
    [InlineData(RtasToken.SetEehOption, 3, 1u, -3)]
    [InlineData(RtasToken.ReadSlotResetState2, 3, 3u, -3)]
    [InlineData(RtasToken.SlotErrorDetail, 7, 1u, -3)]
    public void Call_with_another_number_of_arguments_or_results_is_refused(RtasToken token, int arguments, uint results, int status)
    {
        uint[] words = [Device, BuidHigh, BuidLow, 4, 0, 0, 0, 1];
        Assert.Equal(status, Rtas(token, results, words[..arguments])[0]);
        Assert.Equal(HypercallStatus.Success, _machine.Status);
    }

    [Fact]
    public void Unknown_token_is_a_parameter_error_and_H_PARAMETER()
    {
        Assert.Equal([-3], _machine.Rtas(0x2000, 1));
        Assert.Equal(HypercallStatus.Parameter, _machine.Status);
    }

    [Fact]
    public void Window_query_has_a_short_and_a_long_form()
    {
        Assert.Equal([0, 1, unchecked((int)0x80000000), 0x107, 0], Rtas(RtasToken.QueryPeDmaWindow, 5, 0, BuidHigh, BuidLow));
        Assert.Equal([0, 1, 0x20, 0, 0x107, 0], Rtas(RtasToken.QueryPeDmaWindow, 6, 0, BuidHigh, BuidLow));
    }

    [Fact]
    public void Window_is_made_and_removed_by_its_liobn()
    {
        Assert.Equal([0, unchecked((int)0x80000001), 0x08000000, 0], Rtas(RtasToken.CreatePeDmaWindow, 4, 0, BuidHigh, BuidLow, 16, 30));
        Assert.Equal((16, 0x4000ul), (_bridge.DmaWindows[1].PageShift, _bridge.DmaWindows[1].PageCount));
        Assert.Equal([0], Rtas(RtasToken.RemovePeDmaWindow, 1, 0x80000001));
        Assert.Equal([-3], Rtas(RtasToken.RemovePeDmaWindow, 1, 0x80000001));
        Assert.Equal([-3], Rtas(RtasToken.RemovePeDmaWindow, 1, 0x90000000));
    }

    [Fact]
    public void Window_calls_on_another_bridge_are_parameter_errors()
    {
        Assert.Equal(-3, Rtas(RtasToken.QueryPeDmaWindow, 5, 0, BuidHigh, BuidLow + 1)[0]);
        Assert.Equal(-3, Rtas(RtasToken.CreatePeDmaWindow, 4, 0, BuidHigh, BuidLow + 1, 16, 30)[0]);
        Assert.Equal(-3, Rtas(RtasToken.ResetPeDmaWindow, 1, 0, BuidHigh, BuidLow + 1)[0]);
    }

    [Fact]
    public void Messages_are_given_told_and_delivered_by_their_numbers()
    {
        Assert.Equal([0, 2, 8, 1], Rtas(RtasToken.ChangeMsi, 4, Device, BuidHigh, BuidLow, 1, 2, 7));
        Assert.Equal([0, 0x1301, 1], Rtas(RtasToken.QueryInterruptSourceNumber, 3, Device, BuidHigh, BuidLow, 1));
        Assert.Equal(-1, Rtas(RtasToken.QueryInterruptSourceNumber, 3, Device, BuidHigh, BuidLow, 2)[0]);

        // What the guest does then: one more bit of message data for the second vector, MSI on, bus mastering on.
        Rtas(RtasToken.IbmWritePciConfig, 1, Device | 0x04, BuidHigh, BuidLow, 2, 0x0006);
        Rtas(RtasToken.IbmWritePciConfig, 1, Device | 0x42, BuidHigh, BuidLow, 2, 0x0091);
        Assert.True(_device.Interrupt(1));
        Assert.Equal([new MsiMessage(0x400_0000_0000, 0x1301)], _machine.Messages);
        Assert.Equal([0, 0], Rtas(RtasToken.ChangeMsi, 4, Device, BuidHigh, BuidLow, 3, 0, 8)[..2]);
    }

    [Fact]
    public void Unplugged_device_gives_its_numbers_back()
    {
        Rtas(RtasToken.ChangeMsi, 4, Device, BuidHigh, BuidLow, 1, 4, 7);
        _bridge.Bus.Remove(_device);
        Assert.Equal(-3, Rtas(RtasToken.QueryInterruptSourceNumber, 3, Device, BuidHigh, BuidLow, 0)[0]);
        _bridge.Bus.Add(new PlainDevice("other"), 4 << 3);
        Rtas(RtasToken.ChangeMsi, 4, 4 << 11, BuidHigh, BuidLow, 1, 4, 7);
        Assert.Equal([0, 0x1300, 1], Rtas(RtasToken.QueryInterruptSourceNumber, 3, 4 << 11, BuidHigh, BuidLow, 0));
    }

    [Fact]
    public void Pins_of_slots_are_turned_and_shared_lines_stay_up_until_the_last_lets_go()
    {
        var other = new PlainDevice("other");
        _bridge.Bus.Add(other, 7 << 3);
        _device.Pin(true);
        other.Pin(true);
        _device.Pin(false);
        Assert.Equal([(0x1203, true)], _machine.Levels);
        other.Pin(false);
        Assert.Equal([(0x1203, true), (0x1203, false)], _machine.Levels);
    }

    [Theory]
    [InlineData(RtasToken.SetEehOption, 1u, new[] { Device, BuidHigh, BuidLow, 1u })]
    [InlineData(RtasToken.GetConfigAddressInfo2, 2u, new[] { Device, BuidHigh, BuidLow, 0u })]
    [InlineData(RtasToken.ReadSlotResetState2, 4u, new[] { Device, BuidHigh, BuidLow })]
    [InlineData(RtasToken.SetSlotReset, 1u, new[] { Device, BuidHigh, BuidLow, 1u })]
    [InlineData(RtasToken.ConfigurePe, 1u, new[] { Device, BuidHigh, BuidLow })]
    [InlineData(RtasToken.SlotErrorDetail, 1u, new[] { Device, BuidHigh, BuidLow, 0u, 0u, 0u, 0u, 1u })]
    public void Errors_of_a_bridge_without_an_assigned_device_cannot_be_handled(RtasToken token, uint results, uint[] arguments) =>
        Assert.Equal(-3, Rtas(token, results, arguments)[0]);

    [Fact]
    public void Hypercalls_go_by_their_numbers_and_others_are_H_FUNCTION()
    {
        ulong[] arguments = [0x80000000, 0x3000, 0x7003, 0];
        Assert.Equal(HypercallStatus.Success, _machine.Firmware.Call(HypercallNumber.PutTce, arguments));
        arguments = [0x80000000, 0x3000];
        Assert.Equal(HypercallStatus.Success, _machine.Firmware.Call(HypercallNumber.GetTce, arguments));
        Assert.Equal(0x7003ul, arguments[0]);
        Assert.Equal(HypercallStatus.Success, _machine.Firmware.Call(HypercallNumber.PutTceIndirect, [0x80000000, 0x10000, 0x2000, 2]));
        Assert.Equal(0x2000ul, _bridge.DmaWindows[0].Translate(0x11000).Page.Value);
        Assert.Equal(HypercallStatus.Success, _machine.Firmware.Call(HypercallNumber.StuffTce, [0x80000000, 0, 0, 0x40000]));
        Assert.Empty(_bridge.DmaWindows[0].Mapped());
        Assert.Equal(HypercallStatus.Function, _machine.Firmware.Call(0x18, []));
    }

    [Fact]
    public void Call_that_claims_more_arguments_than_memory_has_is_refused_and_harms_nothing()
    {
        foreach (uint count in (uint[])[0x400, 0x3fffffff, uint.MaxValue])
        {
            _machine.SetWords((uint)RtasToken.IbmWritePciConfig, count, 1, Device | 0x3c, BuidHigh, BuidLow, 1, 0x99);
            Assert.Equal(HypercallStatus.Success, _machine.Firmware.Call(HypercallNumber.Rtas, [BareMachine.Arguments]));
            Assert.Equal(0u, _device.ReadConfig(0x3c, 1));
        }

        // Nothing is there: the token reads as ones.
        Assert.Equal(HypercallStatus.Parameter, _machine.Firmware.Call(HypercallNumber.Rtas, [0x1234_5678_9abc_def0]));
    }

    private int[] Rtas(RtasToken token, uint results, params uint[] arguments) => _machine.Rtas((uint)token, results, arguments);
}
