// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Eeh;

/// <summary>Random sequences of everything that can happen to an endpoint, against a model of a few lines.</summary>
public sealed class EehPropertyTests
{
    private enum Step
    {
        FreezeNothing,
        FreezeMmio,
        FreezeDma,
        FreezeAll,
        ThawMmio,
        ThawDma,
        Enable,
        Disable,
        Hot,
        Fundamental,
        Deactivate,
        Configure,
        Inject,
        Open,
        Close,
        RefusedDma,
    }

    [Fact]
    public void Random_sequences_on_PowerNv_agree_with_a_model()
    {
        Prop.ForAll(Gen.Elements(Enum.GetValues<Step>()).ListOf().ToArbitrary(), steps =>
        {
            using var machine = new EehMachine();
            var model = new Model();
            foreach (Step step in steps)
            {
                if (Do(machine, step) != model.Do(step)) return false;
                if (machine.State != model.State || machine.Pe.Frozen != model.Frozen || machine.Pe.Passed != (model.IsOpen ? 1 : 0)) return false;
                if ((machine.Pe.ConfigError != Errno.None) != model.IsBlocked) return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Whatever_happened_a_reset_with_its_end_makes_the_endpoint_work()
    {
        Arbitrary<(bool Pseries, List<Step> Steps)> cases =
            (from pseries in Gen.Elements(true, false)
             from steps in Gen.Elements(Enum.GetValues<Step>()).ListOf()
             select (pseries, steps.ToList())).ToArbitrary();
        Prop.ForAll(cases, run =>
        {
            using EehMachine machine = run.Pseries ? EehMachine.Pseries() : new EehMachine(EehBehaviour.Qemu);
            foreach (Step step in run.Steps) Do(machine, step);
            return machine.Eeh.Reset(machine.Pe, EehReset.Hot).IsSuccess
                && machine.Eeh.Reset(machine.Pe, EehReset.Deactivate).IsSuccess
                && machine.State == VfioEehPeState.Normal
                && machine.Pe.Flags == EehPeFlags.None
                && machine.Single.ReadConfig(0x10, 4) == 0x8000_0000;
        }).QuickCheckThrowOnFailure();
    }

    private static Errno Do(EehMachine machine, Step step)
    {
        EehSubsystem eeh = machine.Eeh;
        EehPe pe = machine.Pe;
        switch (step)
        {
            case <= Step.FreezeAll:
                eeh.Freeze(pe, (PeFreeze)step);
                return Errno.None;
            case Step.ThawMmio:
                return eeh.SetOption(pe, EehOption.ThawMmio).Errno;
            case Step.ThawDma:
                return eeh.SetOption(pe, EehOption.ThawDma).Errno;
            case Step.Enable:
                return eeh.SetOption(pe, EehOption.Enable).Errno;
            case Step.Disable:
                return eeh.SetOption(pe, EehOption.Disable).Errno;
            case Step.Hot:
                return eeh.Reset(pe, EehReset.Hot).Errno;
            case Step.Fundamental:
                return eeh.Reset(pe, EehReset.Fundamental).Errno;
            case Step.Deactivate:
                return eeh.Reset(pe, EehReset.Deactivate).Errno;
            case Step.Configure:
                return eeh.Configure(pe).Errno;
            case Step.Inject:
                return eeh.InjectError(pe, 0, (int)EehErrorFunction.LoadMemoryAddress, 0, 0).Errno;
            case Step.Open:
                if (pe.Passed != 0) return Errno.None;
                KernelResult reachable = eeh.CheckOpen(machine.Single);
                return reachable.IsError ? reachable.Errno : eeh.Open(machine.Single).Errno;
            case Step.Close:
                eeh.Release(machine.Single);
                return Errno.None;
            default:
                _ = machine.Single.Dma!.Read(new Iova(0), new byte[1]);
                return Errno.None;
        }
    }

    private sealed class Model
    {
        public PeFreeze Frozen { get; private set; }

        public bool IsBlocked { get; private set; }

        public bool IsOpen { get; private set; }

        public uint State => Frozen switch
        {
            PeFreeze.None => VfioEehPeState.Normal,
            PeFreeze.Mmio => VfioEehPeState.Unavail,
            PeFreeze.Dma => VfioEehPeState.StoppedDma,
            _ => VfioEehPeState.Stopped,
        };

        public Errno Do(Step step)
        {
            switch (step)
            {
                case <= Step.FreezeAll:
                    Frozen = (PeFreeze)step;

                    // What nobody has open is the host's, which resets it whole.
                    if (!IsOpen && Frozen != PeFreeze.None) (Frozen, IsBlocked) = (PeFreeze.None, false);
                    break;
                case Step.ThawMmio:
                    Frozen &= ~PeFreeze.Mmio;
                    break;
                case Step.ThawDma:
                    Frozen &= ~PeFreeze.Dma;
                    break;
                case Step.Enable:
                    Frozen = PeFreeze.None;
                    break;
                case Step.Hot or Step.Fundamental:
                    (Frozen, IsBlocked) = (PeFreeze.All, true);
                    break;
                case Step.Deactivate:
                    (Frozen, IsBlocked) = (PeFreeze.None, false);
                    break;
                case Step.Inject:
                    return Errno.EIO;
                case Step.Open when !IsOpen:
                    if (IsBlocked || Frozen != PeFreeze.None) return Errno.ENODEV;
                    IsOpen = true;
                    break;
                case Step.Close when IsOpen:
                    (IsOpen, Frozen) = (false, PeFreeze.None);
                    break;
                case Step.RefusedDma when (Frozen & PeFreeze.Dma) == 0:
                    Frozen = PeFreeze.All;
                    break;
            }

            return Errno.None;
        }
    }
}
