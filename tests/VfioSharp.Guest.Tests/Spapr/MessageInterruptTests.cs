// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Spapr;

namespace VfioSharp.Guest.Tests.Spapr;

public sealed class MessageInterruptTests
{
    private const uint Address = 0x800;
    private readonly MessageInterrupts _interrupts = new(bridge: 1, new InterruptNumbers());
    private readonly Device _device = new() { MsiVectors = 4, MsixVectors = 5 };

    public MessageInterruptTests() => _interrupts.Add(Address, _device);

    [Fact]
    public void More_than_the_device_has_is_answered_by_how_many_to_ask_for()
    {
        Assert.Equal(RtasStatus.Success, _interrupts.Change(Address, ChangeMsiFunction.Msix, 8, out int granted, out int first));
        Assert.Equal((5, 0), (granted, first));
        Assert.Empty(_device.Set);
        Assert.Equal(RtasStatus.HardwareError, _interrupts.QuerySource(Address, 0, out _));
    }

    [Fact]
    public void Each_vector_of_MSIX_gets_its_number_and_MSI_one_message()
    {
        _interrupts.Change(Address, ChangeMsiFunction.Msix, 2, out _, out int first);
        Assert.Equal([(true, 0, MessageInterrupts.Window, (uint)first), (true, 1, MessageInterrupts.Window, (uint)first + 1)], _device.Set);
        _device.Set.Clear();
        _interrupts.Change(Address, ChangeMsiFunction.Either, 4, out _, out first);
        Assert.Equal([(false, 0, MessageInterrupts.Window, (uint)first)], _device.Set);
        Assert.Equal(RtasStatus.Success, _interrupts.QuerySource(Address, 3, out int number));
        Assert.Equal(first + 3, number);
        Assert.Equal(RtasStatus.HardwareError, _interrupts.QuerySource(Address, 4, out _));
    }

    [Fact]
    public void Numbers_of_MSIX_begin_at_an_even_one_and_those_of_MSI_anywhere()
    {
        var other = new Device { MsixVectors = 3, MsiVectors = 1 };
        _interrupts.Add(0x1000, other);
        _interrupts.Change(Address, ChangeMsiFunction.Msix, 5, out _, out int first);
        _interrupts.Change(0x1000, ChangeMsiFunction.Msix, 3, out _, out int second);
        Assert.Equal((InterruptNumbers.FirstMessage, InterruptNumbers.FirstMessage + 6), (first, second));
        _interrupts.Change(0x1000, ChangeMsiFunction.Msi, 1, out _, out int third);
        Assert.Equal(InterruptNumbers.FirstMessage + 5, third);
    }

    [Fact]
    public void Taking_away_what_was_not_given_is_a_hardware_error_and_what_was_is_free_again()
    {
        Assert.Equal(RtasStatus.HardwareError, _interrupts.Change(Address, ChangeMsiFunction.Msi, 0, out _, out _));
        _interrupts.Change(Address, ChangeMsiFunction.Msix, 5, out _, out int first);
        _device.Set.Clear();
        Assert.Equal(RtasStatus.Success, _interrupts.Change(Address, ChangeMsiFunction.Msix, 0, out _, out _));
        Assert.Equal([(false, 0, 0ul, 0u)], _device.Set);
        _interrupts.Change(Address, ChangeMsiFunction.Msix, 5, out _, out int again);
        Assert.Equal(first, again);
    }

    [Theory]
    [InlineData(0x900u, ChangeMsiFunction.Msix, 1)]
    [InlineData(Address, (ChangeMsiFunction)2, 1)]
    public void An_unknown_device_or_function_is_a_parameter_error(uint address, ChangeMsiFunction function, int count) =>
        Assert.Equal(RtasStatus.ParameterError, _interrupts.Change(address, function, count, out _, out _));

    [Fact]
    public void A_machine_without_free_numbers_is_a_hardware_error()
    {
        var numbers = new InterruptNumbers();
        while (numbers.Take(64, isMsix: true) >= 0)
        {
        }

        var interrupts = new MessageInterrupts(0, numbers);
        interrupts.Add(Address, new Device { MsixVectors = 65 });
        Assert.Equal(RtasStatus.HardwareError, interrupts.Change(Address, ChangeMsiFunction.Msix, 65, out _, out _));
    }

    [Fact]
    public void Pins_of_the_second_bridge_follow_those_of_the_first() => Assert.Equal(0x1206, _interrupts.NumberOfPin(2));

    private sealed class Device : IMessageDevice
    {
        public int MsiVectors { get; init; }

        public int MsixVectors { get; init; }

        public List<(bool, int, ulong, uint)> Set { get; } = [];

        public void SetMessage(bool isMsix, int vector, ulong address, uint data) => Set.Add((isMsix, vector, address, data));
    }
}
