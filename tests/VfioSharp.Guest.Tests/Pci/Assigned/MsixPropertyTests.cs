// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Abi.Vfio;
using VfioSharp.Guest.Pci.Assigned;

namespace VfioSharp.Guest.Tests.Pci.Assigned;

/// <summary>Whatever a guest does with MSI-X, a vector arrives exactly when the guest may hear it.</summary>
public sealed class MsixPropertyTests
{
    private const int Vectors = 16;
    private const ulong Table = PciMachine.BarAddress + 0x3000;

    private static readonly Gen<(int Action, int Vector)[]> s_steps = (
        from action in Gen.Choose(0, 9)
        from vector in Gen.Choose(0, Vectors - 1)
        select (action, vector)).ArrayOf();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Random_guests_hear_the_vectors_they_use_and_no_others(bool fixedSize) =>
        Prop.ForAll(s_steps.ToArbitrary(), steps => HearsWhatItUses(steps, fixedSize)).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    private static bool HearsWhatItUses((int Action, int Vector)[] steps, bool fixedSize)
    {
        using var machine = new PciMachine();
        machine.Kernel.Change = (request, argument) =>
        {
            if (fixedSize && request == VfioIoctl.DeviceGetIrqInfo) MemoryMarshal.AsRef<VfioIrqInfo>(argument).Flags |= VfioIrqInfoFlags.Noresize;
        };
        int descriptors = machine.Kernel.OpenDescriptors.Count();
        AssignedPciDevice device = machine.Add("host=4:0.0");
        machine.Place(device);
        var guest = new Model();
        foreach ((int action, int vector) in steps)
        {
            Act(machine, device, guest, action, vector);
            if (!AgreesWith(machine, device, guest)) return false;
        }

        machine.Bus.Remove(device);
        return machine.Kernel.OpenDescriptors.Count() == descriptors && machine.Events.Listening == 0;
    }

    private static void Act(PciMachine machine, AssignedPciDevice device, Model guest, int action, int vector)
    {
        ulong entry = Table + ((ulong)vector * 16);
        switch (action)
        {
            case 0:
                guest.Masked[vector] = true;
                machine.Write32(entry + 12, 1);
                break;
            case 1:
                guest.IsEnabled = false;
                break;
            case 2:
                guest.IsFunctionMasked = !guest.IsFunctionMasked;
                break;
            case 3:
                guest.Reset();
                device.Reset();
                machine.Place(device);
                break;
            case 4 or 5:
                guest.IsEnabled = true;
                break;
            default:
                guest.Masked[vector] = false;
                machine.Write32(entry, (uint)PciMachine.MessageWindow);
                machine.Write32(entry + 8, (uint)vector);
                machine.Write32(entry + 12, 0);
                break;
        }

        if (action is 1 or 2 or 4 or 5) device.WriteConfig(0x92, 2, guest.Control);
    }

    private static bool AgreesWith(PciMachine machine, AssignedPciDevice device, Model guest)
    {
        int used = Enumerable.Range(0, Vectors).Count(guest.Uses);
        if (!guest.IsEnabled) return device.InterruptMode == AssignedInterruptMode.Intx && machine.Warnings.Count == 0;
        if (device.Describe().Vectors != used || machine.Warnings.Count != 0) return false;
        machine.Deliver();
        for (int vector = 0; vector < Vectors; vector++)
        {
            machine.Messages.Clear();
            machine.Host.InjectInterrupt(device.Host, vector);
            machine.Deliver();
            if (machine.Messages.Select(message => (int)message.Data).SequenceEqual(guest.Uses(vector) ? [vector] : []) is false) return false;
        }

        return true;
    }

    private sealed class Model
    {
        public bool[] Masked { get; } = [.. Enumerable.Repeat(true, Vectors)];

        public bool IsEnabled { get; set; }

        public bool IsFunctionMasked { get; set; }

        public uint Control => (IsEnabled ? 0x8000u : 0) | (IsFunctionMasked ? 0x4000u : 0);

        public bool Uses(int vector) => IsEnabled && !IsFunctionMasked && !Masked[vector];

        public void Reset()
        {
            (IsEnabled, IsFunctionMasked) = (false, false);
            Masked.AsSpan().Fill(true);
        }
    }
}
