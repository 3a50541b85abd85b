// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Tests.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Eeh;

/// <summary>States, thawing, injection and whose an endpoint is: rules E2 to E7 of arch/powerpc/kernel/eeh.c.</summary>
public sealed class EehStateTests
{
    [Theory]
    [InlineData(PeFreeze.None, VfioEehPeState.Normal)]
    [InlineData(PeFreeze.Mmio, VfioEehPeState.Unavail)]
    [InlineData(PeFreeze.Dma, VfioEehPeState.StoppedDma)]
    [InlineData(PeFreeze.All, VfioEehPeState.Stopped)]
    public void GetState_tells_what_is_stopped(PeFreeze frozen, uint state)
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Eeh.Freeze(machine.Pe, frozen);
        Assert.Equal(state, machine.State);
    }

    [Fact]
    public void GetState_below_an_endpoint_in_error_is_unavailable()
    {
        using var machine = new EehMachine();
        machine.Pe.Parent!.Mark(EehPeFlags.Recovering);
        Assert.Equal(VfioEehPeState.Unavail, machine.State);
        machine.Pe.Parent.Clear(EehPeFlags.Recovering, includePassed: true);
        Assert.Equal(VfioEehPeState.Normal, machine.State);
    }

    [Theory]
    [InlineData((int)EehOption.ThawMmio, VfioEehPeState.StoppedDma, (int)EehOption.ThawDma)]
    [InlineData((int)EehOption.ThawDma, VfioEehPeState.Unavail, (int)EehOption.ThawMmio)]
    public void Unfreeze_of_one_leaves_the_other_on_PowerNv(int first, uint between, int second)
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        Assert.Equal(KernelResult.Success, machine.Eeh.SetOption(machine.Pe, (EehOption)first));
        Assert.Equal(between, machine.State);
        Assert.Equal(KernelResult.Success, machine.Eeh.SetOption(machine.Pe, (EehOption)second));
        Assert.Equal(VfioEehPeState.Normal, machine.State);
    }

    [Fact]
    public void Enable_thaws_and_disable_does_nothing()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        Assert.Equal(KernelResult.Success, machine.Eeh.SetOption(machine.Pe, EehOption.Disable));
        Assert.Equal(VfioEehPeState.Stopped, machine.State);
        Assert.Equal(KernelResult.Success, machine.Eeh.SetOption(machine.Pe, EehOption.Enable));
        Assert.Equal(VfioEehPeState.Normal, machine.State);
        Assert.Equal(EehPeFlags.None, machine.Pe.Flags & EehPeFlags.Isolated);
    }

    [Fact]
    public void Enable_resets_an_endpoint_whose_device_needs_it()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu, identity: 0x1657_14e4);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        Assert.Equal(KernelResult.Success, machine.Eeh.SetOption(machine.Pe, EehOption.Enable));
        Assert.Equal((1, VfioEehPeState.Normal), (machine.Single.Resets, (uint)machine.State));
        Assert.Equal(0x8000_0000u, machine.Single.ReadConfig(0x10, 4));
    }

    [Fact]
    public void Enable_without_any_endpoint_is_EIO()
    {
        using var machine = new EehMachine();
        EehPe pe = machine.Pe;
        foreach (EehPe other in machine.Eeh.Endpoints.ToArray())
        {
            foreach (EehMember member in other.Members.ToArray()) machine.Eeh.Leave(member.Function);
        }

        Assert.False(machine.Eeh.IsEnabled);
        KernelResultAssert.Refused(Errno.EIO, machine.Eeh.SetOption(pe, EehOption.Enable));
    }

    [Fact]
    public void Leave_takes_an_empty_endpoint_away_but_no_shared_one()
    {
        using var machine = new EehMachine();
        machine.Eeh.Leave(machine.First);
        Assert.Contains(EehSubsystem.Find(machine.Second), machine.Eeh.Endpoints);
        EehPe shared = EehSubsystem.Find(machine.Second)!;
        machine.Eeh.Leave(machine.Second);
        Assert.DoesNotContain(shared, machine.Eeh.Endpoints);
        Assert.Empty(shared.Parent!.Children);
    }

    [Theory]
    [InlineData(0, 4, Errno.None)]
    [InlineData(1, 11, Errno.None)]
    [InlineData(0, 0, Errno.EIO)]
    [InlineData(0, 19, Errno.EIO)]
    [InlineData(0, 20, Errno.EINVAL)]
    [InlineData(2, -1, Errno.EINVAL)]
    [InlineData(2, 4, Errno.ERANGE)]
    [InlineData(-1, 4, Errno.ERANGE)]
    public void InjectError_on_PowerNv_is_what_firmware_can(int type, int function, Errno errno)
    {
        using var machine = new EehMachine();
        KernelResult result = machine.Eeh.InjectError(machine.Pe, type, function, 0, 0);
        if (errno == Errno.None) Assert.Equal(KernelResult.Success, result);
        else KernelResultAssert.Refused(errno, result);
    }

    [Theory]
    [InlineData(0, 0, Errno.None)]
    [InlineData(1, 7, Errno.None)]
    [InlineData(0, 4, Errno.ERANGE)]
    [InlineData(0, 20, Errno.EINVAL)]
    [InlineData(2, 0, Errno.EINVAL)]
    public void InjectError_on_pSeries_takes_memory_functions_only(int type, int function, Errno errno)
    {
        using EehMachine machine = EehMachine.Pseries();
        KernelResult result = machine.Eeh.InjectError(machine.Pe, type, function, 0, 0);
        if (errno == Errno.None) Assert.Equal(KernelResult.Success, result);
        else KernelResultAssert.Refused(errno, result);
        Assert.Equal(errno == Errno.None ? VfioEehPeState.Stopped : VfioEehPeState.Normal, machine.State);
    }

    [Fact]
    public void InjectError_of_a_config_load_freezes_at_the_next_load()
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        Assert.Equal(KernelResult.Success, machine.Eeh.InjectError(machine.Pe, 0, (int)EehErrorFunction.LoadConfigAddress, 0, 0));
        machine.Single.WriteConfig(4, 2, 2);
        Assert.Equal(VfioEehPeState.Normal, machine.State);
        Assert.Equal(0xffffu, machine.Single.ReadConfig(4, 2));
        Assert.Equal(VfioEehPeState.Stopped, machine.State);
        Assert.Equal(2u, machine.Single.ReadConfig(4, 2));
    }

    [Fact]
    public void InjectError_of_a_config_load_does_nothing_on_Qemu()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        Assert.Equal(KernelResult.Success, machine.Eeh.InjectError(machine.Pe, 0, (int)EehErrorFunction.LoadConfigAddress, 0, 0));
        Assert.Equal(0x11e8_1234u, machine.Single.ReadConfig(0, 4));
        Assert.Equal(VfioEehPeState.Normal, machine.State);
    }

    [Fact]
    public void Configure_is_0_whatever_the_state()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        Assert.Equal(KernelResult.Success, machine.Eeh.Configure(machine.Pe));
        Assert.Equal(VfioEehPeState.Stopped, machine.State);
    }

    [Fact]
    public void Open_of_a_frozen_endpoint_is_ENODEV_and_leaves_it_frozen()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        KernelResultAssert.Refused(Errno.ENODEV, machine.Open(machine.Single));
        Assert.Equal((VfioEehPeState.Stopped, 0), ((uint)machine.State, machine.Pe.Passed));
        machine.Eeh.SetOption(machine.Pe, EehOption.Enable);
        Assert.True(machine.Open(machine.Single).IsSuccess);
    }

    [Fact]
    public void Open_of_a_second_function_thaws_the_endpoint_that_the_first_owner_left_frozen()
    {
        using var machine = new EehMachine();
        Assert.Equal(KernelResult.Success, machine.Eeh.Open(machine.First));
        machine.Eeh.Freeze(machine.Shared, PeFreeze.All);
        Assert.Equal(KernelResult.Success, machine.Eeh.CheckOpen(machine.Second));
        Assert.Equal(KernelResult.Success, machine.Eeh.Open(machine.Second));
        Assert.Equal((PeFreeze.None, 2), (machine.Shared.Frozen, machine.Shared.Passed));
    }

    [Fact]
    public void Close_gives_the_endpoint_back_thawed()
    {
        using var machine = new EehMachine();
        KernelResult device = machine.Open(machine.Single);
        Assert.Equal(1, machine.Pe.Passed);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        machine.Process.Close((int)device.Value);
        Assert.Equal((VfioEehPeState.Normal, 0), ((uint)machine.State, machine.Pe.Passed));
    }

    [Fact]
    public void Freeze_of_what_nobody_has_open_is_recovered_by_the_host()
    {
        using var machine = new EehMachine();
        machine.Eeh.Freeze(machine.Pe, PeFreeze.Dma);
        Assert.Equal((VfioEehPeState.Normal, 1, 1), ((uint)machine.State, machine.Pe.Recoveries, machine.Single.Resets));
        Assert.Equal(EehPeFlags.None, machine.Pe.Flags);
        Assert.Equal(0x8000_0000u, machine.Single.ReadConfig(0x10, 4));
    }

    [Fact]
    public void Freeze_of_what_is_open_stays_until_its_user_acts()
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        Assert.Equal((VfioEehPeState.Stopped, 0), ((uint)machine.State, machine.Pe.Recoveries));
        Assert.Equal(EehPeFlags.Isolated, machine.Pe.Flags);
    }

    [Fact]
    public void Recovery_of_the_parent_leaves_a_passed_endpoint_frozen()
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        machine.Eeh.Freeze(machine.Pe.Parent!, PeFreeze.All);
        Assert.Equal((PeFreeze.None, PeFreeze.All), (machine.Pe.Parent!.Frozen, machine.Pe.Frozen));
        Assert.Equal(VfioEehPeState.Stopped, machine.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Recovery_of_the_parent_leaves_a_user_s_bars_to_its_user(bool isInReset)
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        if (isInReset) machine.Eeh.Reset(machine.Pe, EehReset.Hot);
        machine.Eeh.Freeze(machine.Pe.Parent!, PeFreeze.All);
        Assert.Equal(0u, machine.Single.ReadConfig(0x10, 4));
        machine.Eeh.Reset(machine.Pe, EehReset.Deactivate);
        Assert.Equal(0x8000_0000u, machine.Single.ReadConfig(0x10, 4));
    }

    [Fact]
    public void Snapshot_tells_the_endpoints_as_they_are()
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        Assert.Equal(KernelResult.Success, machine.Host.Freeze(machine.Single.Address, PeFreeze.Mmio));
        PartitionableEndpoint shown = machine.Host.PartitionableEndpoints().Single(pe => pe.Functions.Contains(machine.Single.Address));
        Assert.Equal((1, 0xfe, PeFreeze.Mmio, 1), (shown.Number, shown.Parent, shown.Frozen, shown.PassedThrough));
    }

    [Fact]
    public void Freeze_of_a_function_without_endpoint_is_ENODEV()
    {
        using var machine = new EehMachine();
        KernelResultAssert.Refused(Errno.ENODEV, machine.Host.Freeze(new(9, 0, 0, 0), PeFreeze.All));
        machine.Eeh.Leave(machine.Single);
        KernelResultAssert.Refused(Errno.ENODEV, machine.Host.Freeze(machine.Single.Address, PeFreeze.All));
    }
}
