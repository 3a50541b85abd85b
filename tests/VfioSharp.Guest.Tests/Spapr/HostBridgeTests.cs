// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Tests.Spapr;

public sealed class HostBridgeTests : IDisposable
{
    private const ulong Liobn = 0x80000000;
    private readonly BareMachine _machine = new();
    private readonly TceHypercalls _hypercalls;
    private readonly PseriesHostBridge _bridge;

    public HostBridgeTests()
    {
        _hypercalls = _machine.Firmware.Tces;
        _bridge = _machine.Firmware.AddBridge(new HostBridgeOptions());
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Default_window_is_where_the_properties_say()
    {
        var other = _machine.Firmware.AddBridge(new HostBridgeOptions { Index = 3, DefaultWindowStart = new Iova(0x10000000), DefaultWindowBytes = 0x20000000 });
        Assert.Equal((0x80000300u, 0x10000000ul, 0x20000ul, 12), (other.DmaWindows[0].Liobn, other.DmaWindows[0].Start.Value, other.DmaWindows[0].PageCount, other.DmaWindows[0].PageShift));
        Assert.Equal(0x0800000020000003ul, other.Buid);
    }

    [Fact]
    public void Put_is_translated_and_told()
    {
        List<string> told = [];
        _bridge.DmaWindows[0].Changed += (ioba, translation) => told.Add($"{ioba.Value:x} {translation.Page} {translation.Permission}");
        Assert.Equal(HypercallStatus.Success, _hypercalls.Put(Liobn, 0x5123, 0xabc003));
        Assert.Equal(new TceTranslation(new GuestPhysicalAddress(0xabc000), TcePermission.Read | TcePermission.Write, 0xfff), _bridge.DmaWindows[0].Translate(0x5fff));
        Assert.Equal(["5000 0xabc000 Read, Write"], told);
    }

    [Theory]
    [InlineData(0x80000002ul, 0ul)]
    [InlineData(0x180000000ul, 0ul)]
    [InlineData(Liobn, 0x40000000ul)]
    [InlineData(Liobn, ulong.MaxValue)]
    public void Put_elsewhere_is_H_PARAMETER(ulong liobn, ulong ioba) => Assert.Equal(HypercallStatus.Parameter, _hypercalls.Put(liobn, ioba, 3));

    [Fact]
    public void Indirect_reads_the_list_from_the_guest_and_keeps_what_came_before_a_refusal()
    {
        Assert.Equal(HypercallStatus.Parameter, _hypercalls.PutIndirect(Liobn, 0x3ffff000, 0x7000, 2));
        Assert.Equal(0x7000ul, _bridge.DmaWindows[0].Translate(0x3ffff000).Page.Value);
    }

    [Theory]
    [InlineData(0x7008ul, 1ul)]
    [InlineData(0x7000ul, 513ul)]
    [InlineData(0x7000ul, 0ul)]
    public void Indirect_of_a_bad_list_is_H_PARAMETER(ulong list, ulong pages) => Assert.Equal(HypercallStatus.Parameter, _hypercalls.PutIndirect(Liobn, 0, list, pages));

    [Fact]
    public void Stuff_beyond_the_windows_size_is_refused_whole()
    {
        Assert.Equal(HypercallStatus.Parameter, _hypercalls.Stuff(Liobn, 0, 0x1003, 0x40001));
        Assert.Empty(_bridge.DmaWindows[0].Mapped());
        Assert.Equal(HypercallStatus.Success, _hypercalls.Stuff(Liobn, 0x2000, 0x1003, 3));
        Assert.Equal([0x2000ul, 0x3000, 0x4000], _bridge.DmaWindows[0].Mapped().Select(entry => entry.Ioba.Value));
    }

    [Fact]
    public void Get_returns_the_raw_entry()
    {
        _hypercalls.Put(Liobn, 0x1000, 0x123456789abcdef1);
        Assert.Equal(HypercallStatus.Success, _hypercalls.Get(Liobn, 0x1fff, out ulong tce));
        Assert.Equal(0x123456789abcdef1ul, tce);
        Assert.Equal(HypercallStatus.Parameter, _hypercalls.Get(Liobn, 0x40000000, out _));
    }

    [Fact]
    public void A_second_window_is_made_beside_the_default_one_and_a_third_is_not()
    {
        Assert.Equal(RtasStatus.Success, _bridge.CreateWindow(24, 30, out GuestTceTable? window));
        Assert.Equal((0x80000001u, 0x0800000000000000ul, 64ul), (window!.Liobn, window.Start.Value, window.PageCount));
        Assert.Equal(RtasStatus.Success, _bridge.QueryWindows(out WindowQuery query));
        Assert.Equal(new WindowQuery(0, 0x80000000, 0x107), query);
        Assert.Equal(RtasStatus.HardwareError, _bridge.CreateWindow(16, 30, out _));
    }

    [Fact]
    public void Without_the_default_window_a_new_one_takes_its_place()
    {
        Assert.Equal(RtasStatus.Success, _bridge.RemoveWindow(_bridge.DmaWindows[0]));
        Assert.Equal(RtasStatus.Success, _bridge.CreateWindow(16, 31, out GuestTceTable? window));
        Assert.Equal((0ul, false), (window!.Start.Value, window.IsDefault));
    }

    [Fact]
    public void Windows_have_places_of_their_own_in_whatever_order_they_come()
    {
        _bridge.CreateWindow(16, 30, out GuestTceTable? second);
        _bridge.RemoveWindow(_bridge.DmaWindows[0]);
        Assert.Equal(RtasStatus.Success, _bridge.CreateWindow(16, 30, out GuestTceTable? third));
        Assert.Equal((0x0800000000000000ul, 0ul), (second!.Start.Value, third!.Start.Value));
    }

    [Fact]
    public void Removing_the_last_window_that_is_not_the_default_brings_the_default_back()
    {
        _bridge.RemoveWindow(_bridge.DmaWindows[0]);
        _bridge.CreateWindow(16, 31, out GuestTceTable? window);
        Assert.Equal(RtasStatus.Success, _bridge.RemoveWindow(window!));
        Assert.Equal((true, 0x40000ul), (_bridge.DmaWindows[0].IsDefault, _bridge.DmaWindows[0].PageCount));
        Assert.Equal(RtasStatus.Success, _bridge.RemoveWindow(_bridge.DmaWindows[0]));
        Assert.Equal(0ul, _bridge.DmaWindows[0].PageCount);
    }

    [Theory]
    [InlineData(13u, 30u)]
    [InlineData(24u, 20u)]
    [InlineData(64u, 70u)]
    public void A_window_of_pages_that_are_not_offered_is_a_parameter_error(uint pageShift, uint windowShift) =>
        Assert.Equal(RtasStatus.ParameterError, _bridge.CreateWindow(pageShift, windowShift, out _));

    [Fact]
    public void With_ddw_off_the_calls_are_parameter_errors()
    {
        var bridge = _machine.Firmware.AddBridge(new HostBridgeOptions { Index = 1, HasDynamicWindows = false });
        Assert.Equal(RtasStatus.ParameterError, bridge.QueryWindows(out _));
        Assert.Equal(RtasStatus.ParameterError, bridge.CreateWindow(16, 30, out _));
        Assert.Equal(RtasStatus.ParameterError, bridge.ResetWindows());
    }

    [Fact]
    public void Entries_agree_with_a_dictionary_under_random_calls()
    {
        Random random = new(1);
        Dictionary<ulong, ulong> model = [];
        for (int i = 0; i < 20000; i++)
        {
            ulong ioba = (ulong)random.NextInt64(0x41000000) & ~0xffful, tce = random.Next(3) == 0 ? 0 : (ulong)random.NextInt64();
            ulong pages = random.Next(4) == 0 ? (ulong)random.Next(1, 600) : 1;
            bool fits = ioba + (pages << 12) <= 0x40000000;
            HypercallStatus status = pages == 1 ? _hypercalls.Put(Liobn, ioba, tce) : _hypercalls.Stuff(Liobn, ioba, tce, pages);
            Assert.Equal(fits ? HypercallStatus.Success : HypercallStatus.Parameter, status);
            for (ulong page = 0; page < pages && ioba + (page << 12) < 0x40000000; page++) model[ioba + (page << 12)] = tce;
        }

        Assert.Equal(
            model.Where(entry => (entry.Value & 3) != 0).OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value & ~0xffful)),
            _bridge.DmaWindows[0].Mapped().Select(entry => (entry.Ioba.Value, entry.Translation.Page.Value)));
    }

    [Fact]
    public void Second_bridge_of_an_index_is_refused_and_leaves_nothing()
    {
        int sections = _machine.Firmware.Memory.View.Sections.Count;
        Assert.Throws<ArgumentException>(() => _machine.Firmware.AddBridge(new HostBridgeOptions()));
        Assert.Single(_machine.Firmware.Bridges);
        Assert.Equal(sections, _machine.Firmware.Memory.View.Sections.Count);
    }

    [Theory]
    [InlineData(31, 0ul, 0x1000ul, 2)]
    [InlineData(-1, 0ul, 0x1000ul, 2)]
    [InlineData(1, 0ul, 0ul, 2)]
    [InlineData(1, 0ul, 0x1800ul, 2)]
    [InlineData(1, 0x800ul, 0x1000ul, 2)]
    [InlineData(1, 0ul, 0x1000_0000_0000ul, 2)]
    [InlineData(1, 0xffff_ffff_ffff_f000ul, 0x2000ul, 2)]
    [InlineData(1, 0ul, 0x1000ul, 3)]
    [InlineData(1, 0ul, 0x1000ul, 0)]
    public void Properties_that_cannot_be_are_refused(int index, ulong start, ulong bytes, int windows) =>
        Assert.Throws<ArgumentException>(() => _machine.Firmware.AddBridge(
            new HostBridgeOptions { Index = index, DefaultWindowStart = new Iova(start), DefaultWindowBytes = bytes, MostWindows = windows }));

    [Fact]
    public void Bridge_with_one_window_makes_another_only_in_its_place()
    {
        PseriesHostBridge bridge = _machine.Firmware.AddBridge(new HostBridgeOptions { Index = 1, MostWindows = 1 });
        Assert.Equal(RtasStatus.HardwareError, bridge.CreateWindow(16, 30, out _));
        bridge.RemoveWindow(bridge.DmaWindows[0]);
        Assert.Equal(RtasStatus.Success, bridge.CreateWindow(16, 30, out _));
    }

    [Fact]
    public void Put_allocates_nothing_once_its_part_of_the_table_is_there()
    {
        ulong[] arguments = [Liobn, 0x1000, 0x2003];
        _machine.Firmware.Call(HypercallNumber.PutTce, arguments);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) _machine.Firmware.Call(HypercallNumber.PutTce, arguments);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
