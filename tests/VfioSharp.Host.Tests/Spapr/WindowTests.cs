// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using static VfioSharp.Host.Tests.VfioPci.KernelResultAssert;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>Windows by the platforms' operations: what can be made where, and what a failure leaves.</summary>
public sealed class WindowTests
{
    private const ulong Dynamic = 0x0800_0000_0000_0000;

    [Theory]
    [InlineData(PowerMachine.PowerNv, 0x8000_0000u, 0x4021_1000ul, 2u, 5u)]
    [InlineData(PowerMachine.PowerNvSmallPages, 0x8000_0000u, 0x4021_1000ul, 2u, 5u)]
    [InlineData(PowerMachine.Pseries, 0x4000_0000u, 0x121_1000ul, 2u, 1u)]
    [InlineData(PowerMachine.PseriesSmallPages, 0x4000_0000u, 0x121_1000ul, 2u, 1u)]
    public void GetInfo_is_right_before_any_window_exists(string machine, uint size, ulong pageSizes, uint windows, uint levels)
    {
        using var session = new SpaprSession(machine);
        Assert.All(session.Endpoint.Tables, Assert.Null);
        VfioIommuSpaprTceInfo info = session.Info();
        Assert.Equal((0u, size), (info.Dma32WindowStart, info.Dma32WindowSize));
        Assert.Equal(VfioIommuSpaprInfoFlags.Ddw, info.Flags);
        Assert.Equal((pageSizes, windows, levels), (info.Ddw.Pgsizes, info.Ddw.MaxDynamicWindowsSupported, info.Ddw.Levels));
        Assert.All(session.Endpoint.Tables, Assert.Null);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void GetInfo_of_version_1_says_nothing_of_dynamic_windows(string machine)
    {
        using var session = new SpaprSession(machine, VfioExtension.SpaprTce);
        VfioIommuSpaprTceInfo info = session.Info();
        Assert.Equal(0u, info.Flags);
        Assert.Equal((0ul, 0u, 0u), (info.Ddw.Pgsizes, info.Ddw.MaxDynamicWindowsSupported, info.Ddw.Levels));
    }

    [Fact]
    public void Without_firmware_calls_a_pseries_endpoint_has_one_page_size_and_no_count_of_windows()
    {
        using var session = new SpaprSession(PowerMachine.Load(PowerMachine.Pseries, machine => PowerMachine.Bridge(machine, 0).Remove("ibm,ddw-applicable")));
        VfioIommuSpaprTceInfo info = session.Info();
        Assert.Equal((0x1000ul, uint.MaxValue, 0u), (info.Ddw.Pgsizes, info.Ddw.MaxDynamicWindowsSupported, info.Ddw.Levels));
        Refused(Errno.EINVAL, session.Create(12, 1UL << 31, 1, out _));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void The_default_window_is_made_by_the_first_use_and_charged(string machine)
    {
        using var session = new SpaprSession(machine);
        ulong memory = session.Registered(0x10000);
        long registered = session.Caller.Locked.Pages;
        Assert.Null(session.Endpoint.Tables[0]);
        Assert.Equal(KernelResult.Success, session.Unmap(0, 0x10000));
        Assert.NotNull(session.Endpoint.Tables[0]);
        Assert.Equal(registered + (long)(session.Endpoint.GetTableSize(12, session.Endpoint.Tce32Size, 1) / session.Page), session.Caller.Locked.Pages);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Assert.Equal(registered, session.Caller.Locked.Pages);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void A_dynamic_window_begins_at_bit_59(string machine)
    {
        using var session = new SpaprSession(machine);
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out ulong start));
        Assert.Equal(Dynamic, start);
        Refused(Errno.ENOSPC, session.Create(16, 1UL << 32, 1, out _));
        Assert.Equal(KernelResult.Success, session.Remove(Dynamic + 0x12345678));
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out start));
        Assert.Equal(Dynamic, start);
    }

    [Theory]
    [InlineData(PowerMachine.PowerNv, 0u, Errno.EINVAL)]
    [InlineData(PowerMachine.PowerNv, 2u, Errno.None)]
    [InlineData(PowerMachine.PowerNv, 3u, Errno.EINVAL)] // levels of 64 KiB and their page pass 55 bits
    [InlineData(PowerMachine.PowerNvSmallPages, 4u, Errno.None)]
    [InlineData(PowerMachine.PowerNvSmallPages, 6u, Errno.EINVAL)]
    [InlineData(PowerMachine.Pseries, 0u, Errno.None)]
    [InlineData(PowerMachine.Pseries, 2u, Errno.EINVAL)]
    [InlineData(PowerMachine.Pseries, 5u, Errno.EINVAL)]
    public void Levels_are_the_platforms(string machine, uint levels, Errno errno)
    {
        using var session = new SpaprSession(machine);
        Assert.Equal(errno, session.Create(session.Page == 4096 ? 12u : 16u, 1UL << 32, levels, out _).Errno);
    }

    [Fact]
    public void Two_levels_on_pseries_ask_for_four_gigabytes_of_locked_memory()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        session.Process.Limits.Drop((int)Host.Callers.Capability.IpcLock);
        Assert.Equal(KernelResult.Success, session.Process.Limits.SetMemlock(1UL << 31));
        Refused(Errno.ENOMEM, session.Create(16, 1UL << 32, 2, out _));
        Assert.Equal(uint.MaxValue, session.Endpoint.GetTableSize(16, 1UL << 32, 2));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void A_window_that_is_no_power_of_two_returns_EINVAL(string machine)
    {
        using var session = new SpaprSession(machine);
        Refused(Errno.EINVAL, session.Create(16, 3UL << 30, 1, out _));
        Refused(Errno.EINVAL, session.Create(16, 0, 1, out _));
        Refused(Errno.EINVAL, session.Create(13, 1UL << 32, 1, out _));
    }

    [Fact]
    public void Endpoints_of_a_powernv_container_share_windows()
    {
        using var session = new SpaprSession(PowerMachine.PowerNv);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.Equal(KernelResult.Success, session.SetContainer(session.OpenGroup("edu1"), session.Container));
        Assert.Same(session.Window, session.EndpointOf("edu1").Tables[0]);
        Assert.True(session.FunctionOf("edu1").Dma!.Write(new Iova(0), new byte[8]));
        Assert.Equal(2, session.Window.Groups.Count);

        // The newest group's leaving clears the entries for both.
        session.Close(session.Group);
        Assert.False(session.FunctionOf("edu1").Dma!.Write(new Iova(0), new byte[8]));
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.True(session.FunctionOf("edu1").Dma!.Write(new Iova(0), new byte[8]));
    }

    [Fact]
    public void Endpoints_under_a_hypervisor_share_no_container_that_has_a_window()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Unmap(0, 0x10000));
        KernelResult result = session.SetContainer(session.OpenGroup("edu1"), session.Container);
        Refused(Errno.EPERM, result);
        Assert.Contains("one container for each group", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_window_yet_two_endpoints_join_and_the_first_window_fails_with_EPERM()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        Assert.Equal(KernelResult.Success, session.SetContainer(session.OpenGroup("edu1"), session.Container));
        Refused(Errno.EPERM, session.Create(16, 1UL << 32, 1, out _));
        Assert.Equal(0, session.Caller.Locked.Pages);
        Assert.All(session.EndpointOf("edu1").Tables, Assert.Null);
    }

    [Fact]
    public void A_creation_that_firmware_refuses_marks_the_endpoint_in_any_container()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        FailInFirmware(session);
        Refused(Errno.ENODEV, session.Create(16, 1UL << 32, 1, out _));
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        Assert.Equal(KernelResult.Success, session.SetContainer(session.Group, session.Container));
        Assert.Equal(KernelResult.Success, session.Process.Ioctl(session.Container, VfioIoctl.SetIommu, VfioExtension.SpaprTceV2));
        KernelResult result = session.Create(16, 1UL << 32, 1, out _);
        Refused(Errno.ENODEV, result);
        Assert.Contains("marked this endpoint for good", result.Reason, StringComparison.Ordinal);

        // The host has its window again all the same.
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        Assert.NotNull(session.Endpoint.Tables[0]);
    }

    [Fact]
    public void A_window_larger_than_firmware_has_room_for_is_EINVAL_and_does_not_stick()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        KernelResult result = session.Create(12, 1UL << 50, 1, out _);
        Refused(Errno.EINVAL, result);
        Assert.Contains("a smaller one can be tried", result.Reason, StringComparison.Ordinal);
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out _));
    }

    [Fact]
    public void A_dynamic_window_in_slot_0_keeps_the_default_one_from_coming_back()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Assert.Equal(KernelResult.Success, session.Create(16, 1UL << 32, 1, out ulong start));
        Assert.Equal(Dynamic, start);
        Assert.Same(session.Endpoint.Tables[0], session.Window);
        Assert.Equal(KernelResult.Success, session.Remove(start));

        // Restored at its own place, no larger than asked for.
        Assert.Equal(KernelResult.Success, session.Create(12, 1UL << 28, 1, out start));
        Assert.Equal(0ul, start);
        Assert.Equal((1UL << 28) >> 12, session.Window.Entries);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void The_default_window_removed_stays_away_until_a_group_comes_anew(string machine)
    {
        using var session = new SpaprSession(machine);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Refused(Errno.ENXIO, session.Map(memory, 0, 0x10000));
        Refused(Errno.EINVAL, session.Remove(0));
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        Assert.Equal(KernelResult.Success, session.SetContainer(session.Group, session.Container));
        Assert.Equal(KernelResult.Success, session.Process.Ioctl(session.Container, VfioIoctl.SetIommu, VfioExtension.SpaprTceV2));
        memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
    }

    // More entries than a table of the hypervisor has numbers for, yet not more than its largest block.
    private static void FailInFirmware(SpaprSession session) => Refused(Errno.ENODEV, session.Create(12, 1UL << 48, 1, out _));
}
