// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;

namespace VfioSharp.Guest.Tests.Dma;

/// <summary>Whatever a guest and its monitor do, the host's IOMMU maps for each device exactly what the guest's state says.</summary>
public sealed class HostMirrorsGuestTests
{
    private const int Sequences = 40;

    public static TheoryData<string> Machines => ["x86", "powernv9-4k", "powernv9-64k", "pseries-4k", "pseries-64k"];

    [Theory]
    [MemberData(nameof(Machines))]
    public void Random_memory_windows_entries_plugs_and_resets_leave_the_host_as_a_model_of_the_guest(string machine) =>
        Prop.ForAll(GuestStep.Many.ToArbitrary(), steps => Run(machine, steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(Sequences));

    private static bool Run(string machine, List<GuestStep> steps)
    {
        using var world = new RandomGuest(machine);
        foreach (GuestStep step in steps)
        {
            world.Apply(step);
            if (world.FindDifference() is { } difference) throw new InvalidOperationException($"after {step}: {difference}");
        }

        world.UnplugAll();
        return world.FindLeftOver() is not { } left ? true : throw new InvalidOperationException($"after all were unplugged: {left}");
    }
}
