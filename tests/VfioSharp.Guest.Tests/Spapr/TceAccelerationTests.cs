// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Spapr;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Tests.Spapr;

public sealed class TceAccelerationTests
{
    private readonly FakeTceAcceleration _kernel = new();

    [Fact]
    public void Window_that_nobody_listens_to_is_the_kernels()
    {
        GuestTceTable table = Enabled(_kernel);
        Assert.True(table.IsAccelerated);
        table.Put(0x3000, 0x7003);
        Assert.Equal(0x7003ul, _kernel.Live.Read(3));
        Assert.Equal(0x7000ul, table.Translate(0x3000).Page.Value);
    }

    [Fact]
    public void Entries_before_and_after_switching_acceleration_are_identical_and_later_puts_are_told()
    {
        GuestTceTable table = Enabled(_kernel);
        for (ulong page = 0; page < 64; page += 3) table.Put(page << 12, (page << 16) | (page % 4));
        var before = table.Raw().ToArray();
        Assert.NotEmpty(before);
        List<ulong> told = [];
        table.Changed += (ioba, _) => told.Add(ioba.Value);

        table.NeedsNotification = true;
        Assert.False(table.IsAccelerated);
        Assert.All(_kernel.Tables, inKernel => Assert.True(inKernel.IsDisposed));
        Assert.Equal(before, table.Raw());
        table.Put(0x1000, 0x9003);
        Assert.Equal([0x1000ul], told);

        table.NeedsNotification = false;
        Assert.True(table.IsAccelerated);
        Assert.Equal(before.Append((1ul, 0x9003ul)).Order(), table.Raw());
    }

    [Fact]
    public void What_the_kernel_wrote_alone_is_not_lost_when_it_gives_the_window_back()
    {
        GuestTceTable table = Enabled(_kernel);
        _kernel.Live.Write(5, 0x5003);
        table.NeedsNotification = true;
        Assert.Equal([(5ul, 0x5003ul)], table.Raw());
    }

    [Fact]
    public void Kernel_that_serves_groups_keeps_the_window_and_writes_their_windows()
    {
        var kernel = new FakeTceAcceleration { ServesGroups = true };
        GuestTceTable table = Enabled(kernel);
        table.NeedsNotification = true;
        Assert.True(table.IsAccelerated);
        Assert.True(table.AttachGroup(7));
        Assert.Equal([7], kernel.Live.Groups);
    }

    [Fact]
    public void Kernel_without_room_leaves_the_window_here()
    {
        _kernel.IsExhausted = true;
        GuestTceTable table = Enabled(_kernel);
        table.Put(0x1000, 0x1003);
        Assert.False(table.IsAccelerated);
        Assert.False(table.AttachGroup(7));
        Assert.Equal([(1ul, 0x1003ul)], table.Raw());
    }

    [Fact]
    public void Disabled_window_leaves_nothing_in_the_kernel_and_comes_back_as_it_is_needed()
    {
        GuestTceTable table = Enabled(_kernel);
        table.Disable();
        Assert.All(_kernel.Tables, inKernel => Assert.True(inKernel.IsDisposed));
        table.NeedsNotification = true;
        table.Enable(12, default, 64, isDefault: true);
        Assert.False(table.IsAccelerated);
    }

    private static GuestTceTable Enabled(ITceAcceleration kernel)
    {
        var table = new GuestTceTable(0x80000000, kernel);
        table.Enable(12, default(Iova), 64, isDefault: true);
        return table;
    }
}
