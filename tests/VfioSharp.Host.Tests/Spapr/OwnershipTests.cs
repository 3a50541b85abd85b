// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;
using VfioSharp.Linux;
using static VfioSharp.Host.Tests.VfioPci.KernelResultAssert;

namespace VfioSharp.Host.Tests.Spapr;

/// <summary>An endpoint goes from the host to VFIO and back (take_ownership, release_ownership), its entries cleared on the way.</summary>
[Collection(nameof(Alone))]
public sealed class OwnershipTests
{
    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void Entries_are_cleared_before_a_window_is_removed(string machine)
    {
        using var session = new SpaprSession(machine);
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        TceTable entries = session.Window.Contents!;
        Assert.Equal(KernelResult.Success, session.Remove(0));
        Assert.Equal([TceEventKind.EntriesCleared, TceEventKind.WindowUnset], Kinds(session).TakeLast(2));
        AssertClearedBeforeUnset(session, windows: 1);
        Assert.Null(session.Endpoint.Tables[0]);
        Assert.NotNull(entries);
        Assert.Equal(KernelResult.Success, session.Unregister(memory, 0x10000));
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void Entries_are_cleared_before_windows_go_when_the_group_leaves(string machine)
    {
        using var session = new SpaprSession(machine);
        MapInTwoWindows(session);
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        AssertClearedBeforeUnset(session, windows: 2);
        Assert.Equal(0, session.Platform.Memory.Count);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void Entries_are_cleared_before_windows_go_at_exit(string machine)
    {
        using var session = new SpaprSession(machine);
        MapInTwoWindows(session);
        session.Exit();
        AssertClearedBeforeUnset(session, windows: 2);
    }

    [Fact]
    public void A_failed_attach_leaves_no_entry_and_gives_the_group_back()
    {
        using var session = new SpaprSession(PowerMachine.Pseries);
        MapInTwoWindows(session);
        ulong entry = session.Entry(0);
        int second = session.OpenGroup("edu1");
        Refused(Errno.EPERM, session.SetContainer(second, session.Container));

        // The first group's windows are untouched, the second's host has its own again.
        Assert.Equal(entry, session.Entry(0));
        IommuTableGroup endpoint = session.EndpointOf("edu1");
        Assert.Equal(0ul, endpoint.Tables[0]!.Contents!.CountEntries(endpoint.Tables[0]!.Entries));
        Assert.Equal([TceEventKind.OwnershipTaken, TceEventKind.OwnershipReleased], session.Platform.Trace.Recent().Where(happened => happened.Endpoint == endpoint.Name).Select(happened => happened.Kind));
        int container = session.OpenContainer();
        Assert.Equal(KernelResult.Success, session.SetContainer(second, container));
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        AssertClearedBeforeUnset(session, windows: 2);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void Ownership_taken_leaves_the_host_no_window(string machine)
    {
        using var session = new SpaprSession(machine);
        Assert.All(session.Endpoint.Tables, Assert.Null);
        Assert.False(session.Endpoint.Domain.Bypass);
        Assert.False(session.Function.Dma!.Write(new Iova(0), new byte[8]));
        Assert.Equal(TceEventKind.OwnershipTaken, Kinds(session)[^1]);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.All), MemberType = typeof(PowerMachine))]
    public void The_hosts_driver_reaches_memory_through_its_window_before_VFIO_had_the_group_and_after(string machine)
    {
        using var session = new SpaprSession(machine);
        using IPinnedMemory memory = session.Caller.Memory.Pin(session.Anonymous(0x10000), 0x10000, forWriting: true)!;
        PinnedRange range = session.Platform.Memory.TryPlace(memory)!;
        AssertHostReaches(session, range, "edu1");

        MapInTwoWindows(session);
        Assert.False(session.Function.Dma!.Write(new Iova(0x200000), new byte[8]));
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        AssertHostReaches(session, range, "edu0");
        session.Platform.Memory.Remove(range);
    }

    [Theory]
    [InlineData(PowerMachine.PowerNv)]
    [InlineData(PowerMachine.PowerNvSmallPages)]
    public void The_bypass_is_the_hosts_alone(string machine)
    {
        using var session = new SpaprSession(machine);
        using IPinnedMemory memory = session.Caller.Memory.Pin(session.Anonymous(0x10000), 0x10000, forWriting: true)!;
        PinnedRange range = session.Platform.Memory.TryPlace(memory)!;
        var bypass = new Iova(TceDomain.BypassStart + range.Start);
        Assert.True(session.FunctionOf("edu1").Dma!.Write(bypass, new byte[8]));
        Assert.False(session.Function.Dma!.Write(bypass, new byte[8]));
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        Assert.True(session.Function.Dma.Write(bypass, new byte[8]));
        session.Platform.Memory.Remove(range);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void Two_functions_of_an_endpoint_are_taken_once_and_given_back_once(string machine)
    {
        using var session = new SpaprSession(PowerMachine.Load(machine), alias: "conv0");
        Assert.Equal(2, session.Platform.GroupOf(session.Function).Functions.Count(function => session.Platform.InitialDriver(function) == "vfio-pci"));
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        int first = session.OpenDevice("conv0", session.Group);
        int second = session.OpenDevice("conv1", session.Group);
        Assert.True(session.FunctionOf("conv0").Dma!.Write(new Iova(0), new byte[8]));
        Assert.True(session.FunctionOf("conv1").Dma!.Write(new Iova(0), new byte[8]));
        Refused(Errno.EBUSY, session.UnsetContainer());
        session.Close(first);
        Assert.True(session.FunctionOf("conv1").Dma!.Write(new Iova(0), new byte[8]));
        Refused(Errno.EBUSY, session.UnsetContainer());
        session.Close(second);
        Assert.Equal(KernelResult.Success, session.UnsetContainer());
        Assert.Single(Kinds(session), TceEventKind.OwnershipTaken);
        Assert.Single(Kinds(session), TceEventKind.OwnershipReleased);
    }

    [Theory]
    [MemberData(nameof(PowerMachine.Platforms), MemberType = typeof(PowerMachine))]
    public void A_group_can_be_taken_and_given_back_many_times(string machine)
    {
        long tables = TceTable.LiveBytes;
        using (var session = new SpaprSession(machine))
        {
            Assert.Equal(KernelResult.Success, session.UnsetContainer());
            long idle = TceTable.LiveBytes;
            for (int i = 0; i < 20; i++)
            {
                Assert.Equal(KernelResult.Success, session.SetContainer(session.Group, session.Container));
                Assert.Equal(KernelResult.Success, session.Process.Ioctl(session.Container, VfioIoctl.SetIommu, VfioExtension.SpaprTceV2));
                MapInTwoWindows(session);
                Assert.Equal(KernelResult.Success, session.UnsetContainer());
                Assert.Equal(idle, TceTable.LiveBytes);
            }
        }

        Assert.Equal(tables, TceTable.LiveBytes);
    }

    [Fact]
    public void Machines_that_end_free_their_tables_whoever_has_them()
    {
        long tables = TceTable.LiveBytes;
        foreach (string machine in new[] { PowerMachine.PowerNv, PowerMachine.Pseries })
        {
            var session = new SpaprSession(machine);
            MapInTwoWindows(session);

            // The machine first, then the process that holds the group.
            session.Host.Dispose();
            session.Dispose();
        }

        Assert.Equal(tables, TceTable.LiveBytes);
    }

    // Maps a page in the default window and one in a dynamic one.
    private static void MapInTwoWindows(SpaprSession session)
    {
        ulong memory = session.Registered(0x10000);
        Assert.Equal(KernelResult.Success, session.Map(memory, 0, 0x10000));
        Assert.Equal(KernelResult.Success, session.Create(session.Page == 4096 ? 12u : 16u, 1UL << 31, 1, out ulong start));
        Assert.Equal(KernelResult.Success, session.Map(memory, start, 0x10000));
    }

    // As a driver of the host maps: an entry of the endpoint's own window.
    private static void AssertHostReaches(SpaprSession session, PinnedRange range, string alias)
    {
        IommuTable window = session.EndpointOf(alias).Tables[0]!;
        Assert.Null(window.UserAddresses);
        ulong entry = window.FirstEntry + 7, address = range.Start;
        var permissions = TcePermission.ReadWrite;
        Assert.Equal(KernelResult.Success, window.Exchange(entry, ref address, ref permissions));
        Assert.True(session.FunctionOf(alias).Dma!.Write(new Iova(entry << window.PageShift), BitConverter.GetBytes(0x77L)));
        var back = new byte[8];
        Assert.True(range.Memory.Read(0, back));
        Assert.Equal(0x77L, BitConverter.ToInt64(back));
        range.Memory.Write(0, new byte[8]);
        (address, permissions) = (0, TcePermission.None);
        Assert.Equal(KernelResult.Success, window.Exchange(entry, ref address, ref permissions));
        Assert.Equal(range.Start, address);
    }

    private static TceEventKind[] Kinds(SpaprSession session) =>
        [.. session.Platform.Trace.Recent().Where(happened => happened.Endpoint == session.Endpoint.Name).Select(happened => happened.Kind)];

    // Each window that VFIO set is cleared whole, then removed, with nothing set in between.
    private static void AssertClearedBeforeUnset(SpaprSession session, int windows)
    {
        TceEvent[] events = [.. session.Platform.Trace.Recent()];
        int taken = Array.FindIndex(events, happened => happened.Kind == TceEventKind.OwnershipTaken && happened.Endpoint == session.Endpoint.Name);
        TceEvent[] unset = [.. events[(taken + 1)..].Where(happened => happened.Kind == TceEventKind.WindowUnset && happened.Endpoint == session.Endpoint.Name)];
        Assert.Equal(windows, unset.Length);
        foreach (TceEvent window in unset)
        {
            int at = Array.IndexOf(events, window);
            int set = Array.FindIndex(events, happened => happened == window with { Kind = TceEventKind.WindowSet });
            int cleared = Array.FindIndex(events, happened => happened == window with { Kind = TceEventKind.EntriesCleared });
            Assert.InRange(cleared, set + 1, at - 1);
        }
    }
}
