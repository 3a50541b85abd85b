// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Pci.Assigned;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

/// <summary>Whatever state a device is in, nothing of it is left: no descriptor, no listener, no timer, no region, no mapping.</summary>
public sealed class UnplugTests
{
    private const ulong At = PciMachine.BarAddress;

    public static TheoryData<string> States => ["as plugged in", "placed", "INTx pending", "MSI on", "accelerated INTx", "accelerated MSI"];

    [Theory]
    [MemberData(nameof(States))]
    public void Nothing_is_left_of_edu(string state)
    {
        using var machine = new PciMachine(state.StartsWith("accelerated", StringComparison.Ordinal) ? new FakeAcceleration() : null);
        int before = machine.Kernel.OpenDescriptors.Count();
        AssignedPciDevice device = machine.Add("host=3:0.0,id=edu0");
        if (state != "as plugged in") machine.Place(device);
        if (state.EndsWith("pending", StringComparison.Ordinal))
        {
            machine.Write32(At + 0x60, 1);
            machine.Deliver();
            Assert.Equal(["1 up"], machine.Lines);
        }

        if (state.Contains("MSI", StringComparison.Ordinal)) device.WriteConfig(0x42, 2, 1);
        machine.Bus.Remove(device);
        AssertNothingLeft(machine, before);
        Assert.Equal(machine.Lines.Count(line => line == "1 up"), machine.Lines.Count(line => line == "1 down"));
        Assert.Empty((machine.Bus.Acceleration as FakeAcceleration)?.Delivered ?? []);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_left_of_a_device_in_the_middle_of_its_vectors_growth(bool accelerated)
    {
        using var machine = new PciMachine(accelerated ? new FakeAcceleration() : null);
        int before = machine.Kernel.OpenDescriptors.Count();
        AssignedPciDevice device = machine.Add("host=4:0.0,id=usb");
        machine.Place(device);
        device.WriteConfig(0x92, 2, 0x8000);
        machine.Write32(At + 0x3000 + 32 + 12, 0);
        machine.Write32(At + 0x3000 + 80 + 12, 0);
        machine.Bus.Remove(device);
        AssertNothingLeft(machine, before);
        Assert.Empty((machine.Bus.Acceleration as FakeAcceleration)?.Delivered ?? []);
    }

    [Fact]
    public void Device_comes_back_after_it_was_unplugged()
    {
        using var machine = new PciMachine();
        machine.Bus.Remove(machine.Add("host=3:0.0,id=edu0"));
        machine.Place(machine.Add("host=3:0.0,id=edu0"));
        Assert.Equal(0x010000edu, machine.Read32(At));
    }

    [Fact]
    public void Signal_that_is_under_way_reaches_nobody()
    {
        using var machine = new PciMachine();
        AssignedPciDevice device = machine.Add("host=3:0.0");
        machine.Place(device);
        machine.Write32(At + 0x60, 1);
        machine.Bus.Remove(device);
        Assert.Equal(0, machine.Deliver());
        Assert.Empty(machine.Lines);
    }

    private static void AssertNothingLeft(PciMachine machine, int descriptors)
    {
        Assert.Equal(descriptors, machine.Kernel.OpenDescriptors.Count());
        Assert.Equal((0, 0), (machine.Events.Listening, machine.Time.Waiting));
        Assert.Equal("nothing", machine.At(At));
        Assert.Empty(machine.Devices.All);
        Assert.Empty(machine.HostDevices.Containers);
    }
}
