// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Linux;
using static VfioSharp.Abi.Vfio.VfioIrqSetFlags;

namespace VfioSharp.Host.Tests.VfioPci;

public sealed class InterruptTests
{
    private const uint Intx = VfioPciIrqIndex.Intx;
    private const uint Msi = VfioPciIrqIndex.Msi;
    private const uint Set = DataEventfd | ActionTrigger;
    private const ulong Raise = 0x60;
    private const ulong Acknowledge = 0x64;

    [Fact]
    public void Intx_fires_once_and_is_masked_until_unmasked()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
        session.Write32(Raise, 1);
        Assert.Equal(1UL, session.Take(e));
        session.Write32(Raise, 2);
        Assert.Equal(0UL, session.Take(e));
        Assert.True(session.SetIrqs(Intx, DataNone | ActionUnmask, 0, 1).IsSuccess);
        Assert.Equal(1UL, session.Take(e));
        session.Write32(Acknowledge, 3);
        Assert.True(session.SetIrqs(Intx, DataNone | ActionUnmask, 0, 1).IsSuccess);
        Assert.Equal(0UL, session.Take(e));
        session.Write32(Raise, 1);
        Assert.Equal(1UL, session.Take(e));
    }

    [Fact]
    public void Intx_line_that_is_up_fires_when_it_is_enabled()
    {
        using var session = new DeviceSession("edu0");
        session.Write32(Raise, 1);
        int e = session.Event();
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
        Assert.Equal(1UL, session.Take(e));
    }

    [Fact]
    public void Intx_is_unmasked_by_an_eventfd_and_only_by_one()
    {
        using var session = new DeviceSession("edu0");
        (int e, int unmask) = (session.Event(), session.Event());
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
        Assert.True(session.SetIrqs(Intx, DataEventfd | ActionUnmask, 0, 1, unmask).IsSuccess);
        Assert.Equal(Errno.EBUSY, session.SetIrqs(Intx, DataEventfd | ActionUnmask, 0, 1, session.Event()).Errno);
        session.Write32(Raise, 1);
        Assert.Equal(1UL, session.Take(e));
        session.Process.WriteEvent(unmask, 1);
        Assert.Equal(1UL, session.Take(e, 2000));
        Assert.True(session.SetIrqs(Intx, DataEventfd | ActionUnmask, 0, 1, -1).IsSuccess);
        Assert.True(session.SetIrqs(Intx, DataEventfd | ActionUnmask, 0, 1, unmask).IsSuccess);
    }

    [Fact]
    public void Intx_follows_the_users_disable_bit()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
        session.Write16(DeviceSession.Config + 4, 0x402);
        session.Write32(Raise, 1);
        Assert.Equal(0UL, session.Take(e));
        session.Write16(DeviceSession.Config + 4, 0x2);
        Assert.Equal(1UL, session.Take(e));
    }

    [Fact]
    public void Intx_storm_of_two_threads_loses_nothing()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
        for (int round = 0; round < 2000; round++)
        {
            var raiser = new Thread(() => session.Function.WriteBar(0, Raise, 4, 1));
            if (round % 50 == 0) raiser.Start();
            else session.Function.WriteBar(0, Raise, 4, 1);
            Assert.Equal(1UL, session.Take(e, 2000));
            if (round % 50 == 0) raiser.Join();
            session.Write32(Acknowledge, 1);
            session.SetIrqs(Intx, DataNone | ActionUnmask, 0, 1);
        }
    }

    [Fact]
    public void Msi_is_sent_with_bus_mastering_and_replaces_intx()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.True(session.SetIrqs(Msi, Set, 0, 1, e).IsSuccess);
        Assert.Equal(Errno.EINVAL, session.SetIrqs(Intx, Set, 0, 1, e).Errno);
        session.Write32(Raise, 1);
        Assert.Equal(0UL, session.Take(e));
        session.Write16(DeviceSession.Config + 4, 6);
        session.Write32(Raise, 1);
        Assert.Equal(1UL, session.Take(e));
        Assert.True(session.SetIrqs(Msi, DataNone | ActionTrigger, 0, 0).IsSuccess);
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
    }

    [Fact]
    public void Msi_with_no_vector_is_ERANGE()
    {
        using var session = new DeviceSession("edu0");
        Assert.Equal(Errno.ERANGE, session.SetIrqs(Msi, Set, 0, 0).Errno);
    }

    [Fact]
    public void Msi_with_a_bad_descriptor_leaves_it_disabled()
    {
        using var session = new DeviceSession("edu0");
        Assert.Equal(Errno.EBADF, session.SetIrqs(Msi, Set, 0, 1, 999).Errno);
        Assert.Equal(Errno.EINVAL, session.SetIrqs(Msi, DataNone | ActionTrigger, 0, 1).Errno);
        Assert.Equal(0u, session.Function.ReadConfig(0x42, 2) & 1);
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, session.Event()).IsSuccess);
    }

    [Fact]
    public void Msix_vectors_are_added_one_by_one()
    {
        using var session = new DeviceSession("net0");
        int e = session.Event();
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Msix, Set, 0, 1, e).IsSuccess);
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Msix, Set, 3, 1, e).IsSuccess);
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Msix, DataNone | ActionTrigger, 0, 5).IsSuccess);
        Assert.Equal(2UL, session.Take(e));
    }

    [Fact]
    public void Req_is_signalled_by_loopback_and_removed()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.Equal(Errno.EINVAL, session.SetIrqs(VfioPciIrqIndex.Req, DataNone | ActionTrigger, 0, 1).Errno);
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Req, Set, 0, 1, e).IsSuccess);
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Req, DataNone | ActionTrigger, 0, 1).IsSuccess);
        Assert.Equal(1UL, session.Take(e));
        Assert.True(session.SetIrqs(VfioPciIrqIndex.Req, DataNone | ActionTrigger, 0, 0).IsSuccess);
        Assert.Equal(Errno.EINVAL, session.SetIrqs(VfioPciIrqIndex.Req, DataNone | ActionTrigger, 0, 1).Errno);
    }

    [Fact]
    public void Err_is_for_express_devices_only()
    {
        using var edu = new DeviceSession("edu0");
        Assert.Equal(Errno.EINVAL, edu.SetIrqs(VfioPciIrqIndex.Err, Set, 0, 1, edu.Event()).Errno);
        using var nvme = new DeviceSession("nvme0");
        Assert.True(nvme.SetIrqs(VfioPciIrqIndex.Err, Set, 0, 1, nvme.Event()).IsSuccess);
    }

    [Fact]
    public void Closing_the_device_ends_its_interrupts()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
        session.Reopen();
        session.Write32(Raise, 1);
        Assert.Equal(0UL, session.Take(e));
        Assert.Equal(Errno.EINVAL, session.SetIrqs(Intx, DataNone | ActionTrigger, 0, 1).Errno);
    }

    // One eventfd both fires and unmasks: the user's mistake must not run away with the stack.
    [Fact]
    public void Event_that_triggers_and_unmasks_does_not_recurse()
    {
        using var session = new DeviceSession("edu0");
        int e = session.Event();
        Assert.True(session.SetIrqs(Intx, Set, 0, 1, e).IsSuccess);
        Assert.True(session.SetIrqs(Intx, DataEventfd | ActionUnmask, 0, 1, e).IsSuccess);
        session.Write32(Raise, 1);
        Thread.Sleep(20);
        session.Write32(Acknowledge, 1);
        Assert.True(session.SetIrqs(Intx, DataNone | ActionTrigger, 0, 0).IsSuccess);
    }

    [Theory]
    [InlineData(5u, Set, 0u, 1u)]
    [InlineData(0u, Set, 0u, uint.MaxValue)]
    [InlineData(0u, Set, uint.MaxValue, 1u)]
    [InlineData(0u, DataEventfd | DataBool | ActionTrigger, 0u, 1u)]
    [InlineData(0u, ActionTrigger, 0u, 1u)]
    [InlineData(0u, 0x40u | Set, 0u, 1u)]
    public void Header_that_is_wrong_is_EINVAL_with_a_reason(uint index, uint flags, uint start, uint count)
    {
        using var session = new DeviceSession("edu0");
        KernelResultAssert.Refused(Errno.EINVAL, session.SetIrqs(index, flags, start, count, [0, 0, 0, 0]));
    }

    [Theory]
    [InlineData(Msi, DataNone | ActionMask)]
    [InlineData(Msi, DataNone | ActionUnmask)]
    [InlineData(Intx, DataNone)]
    [InlineData(Intx, DataNone | ActionMask | ActionUnmask)]
    [InlineData(4u, DataNone | ActionMask)]
    public void Action_that_is_not_there_is_ENOTTY(uint index, uint flags)
    {
        using var session = new DeviceSession("edu0");
        KernelResultAssert.Refused(Errno.ENOTTY, session.SetIrqs(index, flags, 0, 1));
    }
}
