// SPDX-License-Identifier: MIT

namespace VfioSharp.Linux.Tests;

public sealed class EventTests
{
    [Fact]
    public void Take_returns_the_sum_of_signals_and_clears_it()
    {
        using SafeDescriptor e = new((int)EventDescriptor.Create(0).Value);
        EventDescriptor.Signal(e.Number, 3);
        EventDescriptor.Signal(e.Number, 4);
        Assert.False(EventDescriptor.Take(e.Number, out ulong count).IsError);
        Assert.Equal(7UL, count);
        Assert.Equal(Errno.EAGAIN, EventDescriptor.Take(e.Number, out _).Errno);
    }

    [Fact]
    public void Poll_times_out_on_an_idle_event()
    {
        using SafeDescriptor e = new((int)EventDescriptor.Create(0).Value);
        Assert.Equal(Errno.ETIMEDOUT, Polling.Wait(e.Number, 20, out _).Errno);
    }

    [Fact]
    public void Poll_sees_a_signalled_event()
    {
        using SafeDescriptor e = new((int)EventDescriptor.Create(1).Value);
        Assert.False(Polling.Wait(e.Number, 1000, out PollEvents events).IsError);
        Assert.Equal(PollEvents.Readable, events);
    }
}
