// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Eeh;
using VfioSharp.Kernel;

namespace VfioSharp.Host.Tests.Eeh;

public sealed class EehConcurrencyTests
{
    private const int Rounds = 3000;

    [Fact]
    public async Task Errors_resets_and_accesses_at_once_neither_deadlock_nor_leave_a_broken_endpoint()
    {
        using var machine = new EehMachine();
        int device = (int)machine.Open(machine.Single).Value;
        EehSubsystem eeh = machine.Eeh;
        EehPe pe = machine.Pe;
        Action<Random>[] roles =
        [
            random => eeh.Freeze(pe, (PeFreeze)random.Next(4)),
            random => eeh.Freeze(pe.Parent!, (PeFreeze)random.Next(4)),
            random =>
            {
                eeh.Reset(pe, random.Next(2) == 0 ? EehReset.Hot : EehReset.Fundamental);
                eeh.Reset(pe, EehReset.Deactivate);
            },
            random => eeh.SetOption(pe, (EehOption)random.Next(4)),
            _ => Assert.InRange(eeh.GetState(pe).Value, 0, 5),
            _ => machine.Single.Dma!.Write(new Iova(0), new byte[8]),
            random => machine.Single.WriteConfig(4, 2, (uint)random.Next(8)),
            _ => machine.Process.Ioctl(device, VfioIoctl.DeviceReset, 0),
        ];
        Task[] tasks = [.. roles.Select(role => Task.Factory.StartNew(() => Play(role), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.WhenAll(tasks);
        Assert.True(eeh.Reset(pe, EehReset.Hot).IsSuccess);
        Assert.True(eeh.Reset(pe, EehReset.Deactivate).IsSuccess);
        Assert.Equal((VfioEehPeState.Normal, PeFreeze.None, 1), ((uint)machine.State, pe.Frozen, pe.Passed));
        Assert.Equal(EehPeFlags.None, pe.Flags);
    }

    private static void Play(Action<Random> role)
    {
        var random = new Random(7);
        for (int i = 0; i < Rounds; i++) role(random);
    }
}
