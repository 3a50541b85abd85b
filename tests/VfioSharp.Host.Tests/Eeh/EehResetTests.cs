// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Eeh;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Tests.VfioPci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.Eeh;

/// <summary>Resets in steps, and what a frozen or resetting endpoint's functions answer (rules E4, E6).</summary>
public sealed class EehResetTests
{
    [Theory]
    [InlineData((int)EehReset.Hot)]
    [InlineData((int)EehReset.Fundamental)]
    public void Reset_freezes_and_its_end_puts_the_device_back(int kind)
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        int before = machine.Single.Resets;
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, (EehReset)kind));
        Assert.Equal((VfioEehPeState.Stopped, before + 1), ((uint)machine.State, machine.Single.Resets));
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, EehReset.Deactivate));
        Assert.Equal(VfioEehPeState.Normal, machine.State);
        Assert.Equal(EehPeFlags.None, machine.Pe.Flags);
        Assert.Equal(0x8000_0000u, machine.Single.ReadConfig(0x10, 4));
        Assert.Equal(2u, machine.Single.ReadConfig(4, 2) & 2);
    }

    [Fact]
    public void Reset_reaches_the_endpoints_below()
    {
        using var machine = new EehMachine();
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Shared.Parent!, EehReset.Hot));
        Assert.Equal((1, 1, 0), (machine.First.Resets, machine.Second.Resets, machine.Single.Resets));
        Assert.Equal(EehPeFlags.ConfigBlocked, machine.Shared.Flags & EehPeFlags.ConfigBlocked);
    }

    [Fact]
    public void Fundamental_reset_after_a_hot_one_is_EIO_on_Qemu()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, EehReset.Hot));
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, EehReset.Deactivate));
        KernelResultAssert.Refused(Errno.EIO, machine.Eeh.Reset(machine.Pe, EehReset.Fundamental));
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, EehReset.Fundamental));
    }

    [Fact]
    public void Fundamental_resets_behind_a_bridge_further_down_all_succeed_on_Qemu()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        for (int i = 0; i < 3; i++) Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Shared, EehReset.Fundamental));
        Assert.Equal(3, machine.First.Resets);
    }

    [Fact]
    public void A_bus_reset_of_vfio_counts_for_the_slot_too()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        KernelResult device = machine.Open(machine.Single);
        Assert.True(device.IsSuccess, device.ToString());
        KernelResultAssert.Refused(Errno.EIO, machine.Eeh.Reset(machine.Pe, EehReset.Fundamental));
    }

    [Fact]
    public void Freeze_by_a_reset_shows_on_Qemu_only_after_an_error()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Eeh.Reset(machine.Pe, EehReset.Hot);
        Assert.Equal(VfioEehPeState.Normal, machine.State);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.Dma);
        machine.Eeh.Reset(machine.Pe, EehReset.Deactivate);
        machine.Eeh.Reset(machine.Pe, EehReset.Hot);
        Assert.Equal(VfioEehPeState.Stopped, machine.State);
    }

    [Fact]
    public void Reset_on_pSeries_is_seen_while_held_and_takes_the_freeze_along()
    {
        using EehMachine machine = EehMachine.Pseries();
        machine.Eeh.Freeze(machine.Pe, PeFreeze.Mmio);
        Assert.Equal(VfioEehPeState.Stopped, machine.State);
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, EehReset.Hot));
        Assert.Equal(VfioEehPeState.Reset, machine.State);
        Assert.Equal(KernelResult.Success, machine.Eeh.Reset(machine.Pe, EehReset.Deactivate));
        Assert.Equal((VfioEehPeState.Normal, PeFreeze.None), ((uint)machine.State, machine.Pe.Frozen));
    }

    [Fact]
    public void Unfreeze_of_dma_before_mmio_is_EIO_on_pSeries()
    {
        using EehMachine machine = EehMachine.Pseries();
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        KernelResultAssert.Refused(Errno.EIO, machine.Eeh.SetOption(machine.Pe, EehOption.ThawDma));
        Assert.Equal(KernelResult.Success, machine.Eeh.SetOption(machine.Pe, EehOption.ThawMmio));
        Assert.Equal(VfioEehPeState.StoppedDma, machine.State);
        Assert.Equal(KernelResult.Success, machine.Eeh.SetOption(machine.Pe, EehOption.ThawDma));
        Assert.Equal(VfioEehPeState.Normal, machine.State);
    }

    [Fact]
    public void Frozen_mmio_loads_ones_and_drops_stores()
    {
        using var machine = new EehMachine();
        long device = machine.Open(machine.Single).Value;
        machine.Write(device, 7, 4, 2, 0);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.Mmio);
        Assert.Equal(4, machine.Read(device, 0, 0, out uint value).Value);
        Assert.Equal(4, machine.Write(device, 0, 0, 1, 2, 3, 4).Value);
        Assert.Equal((uint.MaxValue, 0), (value, machine.Single.Stores));
        machine.Read(device, 7, 4, out value);
        Assert.Equal(2u, value & 0xffff);
        machine.Eeh.SetOption(machine.Pe, EehOption.ThawMmio);
        machine.Read(device, 0, 0, out value);
        Assert.Equal(EehFunction.Register, value);
    }

    [Fact]
    public void Frozen_mmio_answers_on_Qemu()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        long device = machine.Open(machine.Single).Value;
        machine.Write(device, 7, 4, 2, 0);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        machine.Read(device, 0, 0, out uint value);
        Assert.Equal((EehFunction.Register, VfioEehPeState.Stopped), (value, (uint)machine.State));
    }

    [Fact]
    public void Blocked_config_is_ENODEV_on_PowerNv_where_the_device_is_needed()
    {
        using var machine = new EehMachine();
        long device = machine.Open(machine.Single).Value;
        machine.Eeh.Reset(machine.Pe, EehReset.Hot);
        Assert.Equal(4, machine.Read(device, 7, 0, out uint identity).Value);
        Assert.Equal(0x11e8_1234u, identity);
        KernelResultAssert.Refused(Errno.ENODEV, machine.Read(device, 7, 4, out _));
        KernelResultAssert.Refused(Errno.ENODEV, machine.Write(device, 7, 4, 2, 0));
        Assert.Equal(uint.MaxValue, machine.Single.ReadConfig(0, 4));
        machine.Eeh.Reset(machine.Pe, EehReset.Deactivate);
        Assert.Equal(4, machine.Read(device, 7, 4, out _).Value);
    }

    [Fact]
    public void Blocked_config_is_EIO_on_pSeries()
    {
        using EehMachine machine = EehMachine.Pseries();
        long device = machine.Open(machine.Single).Value;
        machine.Eeh.Reset(machine.Pe, EehReset.Hot);
        KernelResultAssert.Refused(Errno.EIO, machine.Read(device, 7, 4, out _));
    }

    [Fact]
    public void Open_during_a_reset_is_ENODEV()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu);
        machine.Eeh.Reset(machine.Pe, EehReset.Hot);
        Assert.Equal(VfioEehPeState.Normal, machine.State);
        KernelResultAssert.Refused(Errno.ENODEV, machine.Open(machine.Single));
    }

    [Fact]
    public void Fragile_config_is_blocked_as_soon_as_an_error_is_found()
    {
        using var machine = new EehMachine(EehBehaviour.Qemu, identity: 0x1656_14e4);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.All);
        Assert.Equal(Errno.None, machine.Pe.ConfigError);
        _ = machine.State;
        Assert.Equal(Errno.ENODEV, machine.Pe.ConfigError);
        machine.Eeh.SetOption(machine.Pe, EehOption.Enable);
        Assert.Equal(Errno.None, machine.Pe.ConfigError);
    }

    [Fact]
    public void Refused_dma_freezes_the_endpoint_on_PowerNv_hardware()
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        Assert.False(machine.Single.Dma!.Read(new Iova(0x1000), new byte[4]));
        Assert.Equal(VfioEehPeState.Stopped, machine.State);
        Assert.False(machine.Single.Dma.Write(new Iova(0x1000), new byte[4]));
        Assert.Equal(Host.Iommu.DmaFaultReason.Isolated, machine.Host.Faults.Recent()[^1].Reason);
    }

    [Fact]
    public void Refused_dma_freezes_nothing_on_Qemu_or_pSeries()
    {
        using var qemu = new EehMachine(EehBehaviour.Qemu);
        using EehMachine pseries = EehMachine.Pseries();
        foreach (EehMachine machine in (EehMachine[])[qemu, pseries])
        {
            machine.Open(machine.Single);
            Assert.False(machine.Single.Dma!.Read(new Iova(0x1000), new byte[4]));
            Assert.Equal(VfioEehPeState.Normal, machine.State);
        }
    }

    [Fact]
    public void Frozen_dma_is_stopped_before_the_iommu_sees_it()
    {
        using var machine = new EehMachine();
        machine.Open(machine.Single);
        machine.Eeh.Freeze(machine.Pe, PeFreeze.Dma);
        Span<byte> read = [1, 2, 3, 4];
        Assert.False(machine.Single.Dma!.Read(new Iova(0), read));
        Assert.Equal(0, read.ToArray().Sum(value => value));
        Assert.Equal(VfioEehPeState.StoppedDma, machine.State);
    }
}
