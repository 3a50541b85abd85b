// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Pci.Assigned;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

/// <summary>A guest's processor and the event loop's thread at once.</summary>
public sealed class IntxThreadTests
{
    private const ulong At = PciMachine.BarAddress;

    [Theory]
    [InlineData("host=3:0.0")]
    [InlineData("host=3:0.0,x-no-mmap=on")]
    public void Every_interrupt_arrives_while_a_processor_accesses_the_device(string options)
    {
        using var machine = new PciMachine();
        using var raised = new SemaphoreSlim(0);
        machine.LineRaised = () => raised.Release();
        machine.Events.Start();
        lock (machine.Events.Gate) machine.Place(machine.Add(options));
        for (int i = 0; i < 300; i++)
        {
            machine.Write32(At + 0x60, 1);
            raised.Wait(TestContext.Current.CancellationToken);

            // The time-out, on the processor's heels: BARs come back where nothing is pending.
            if (i % 7 == 0) machine.Time.Elapse();
            while (machine.Read32(At + 0x24) != 0) machine.Write32(At + 0x64, 1);
        }

        lock (machine.Events.Gate)
        {
            machine.Bus.Remove(Assert.Single(machine.Devices.All));
            Assert.Equal(machine.Lines.Count(line => line == "1 up"), machine.Lines.Count(line => line == "1 down"));
            Assert.Empty(machine.Warnings);
        }
    }
}
