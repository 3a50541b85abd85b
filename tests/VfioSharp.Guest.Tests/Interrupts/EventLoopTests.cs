// SPDX-License-Identifier: MIT
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Tests.Pci;
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Tests.Interrupts;

public sealed class EventLoopTests
{
    [Fact]
    public void Each_signalled_event_calls_its_handler_once_a_turn()
    {
        using var kernel = new LinuxKernel();
        using var loop = new EventLoop(kernel, new Lock());
        var called = new List<int>();
        VfioEvent[] events = [.. Enumerable.Range(0, 40).Select(i => VfioEvent.Create(kernel, $"event {i}"))];
        for (int i = 0; i < events.Length; i++)
        {
            int number = i;
            loop.Listen(events[i], () => called.Add(number));
        }

        events[39].Signal();
        events[3].Signal();
        events[3].Signal();
        Assert.Equal(2, loop.RunPending(TimeSpan.Zero));
        Assert.Equal([3, 39], called);
        Assert.Equal(0, loop.RunPending(TimeSpan.Zero));
        foreach (VfioEvent one in events) one.Dispose();
    }

    [Fact]
    public void Ended_registration_is_not_called()
    {
        using var kernel = new LinuxKernel();
        using var loop = new EventLoop(kernel, new Lock());
        using var source = VfioEvent.Create(kernel, "event");
        loop.Listen(source, () => Assert.Fail("the registration has ended")).Dispose();
        source.Signal();
        Assert.Equal((0, 0), (loop.RunPending(TimeSpan.Zero), loop.Listening));
    }

    [Fact]
    public void Handler_may_end_another_registration_of_the_same_turn()
    {
        using var kernel = new LinuxKernel();
        using var loop = new EventLoop(kernel, new Lock());
        using var first = VfioEvent.Create(kernel, "first");
        using var second = VfioEvent.Create(kernel, "second");
        IDisposable? other = null;
        loop.Listen(first, () => other!.Dispose());
        other = loop.Listen(second, () => Assert.Fail("its registration has ended"));
        first.Signal();
        second.Signal();
        Assert.Equal(1, loop.RunPending(TimeSpan.Zero));
    }

    [Fact]
    public void Thread_calls_handlers_with_the_machines_lock_held_and_sees_events_that_come_later()
    {
        using var kernel = new LinuxKernel();
        var gate = new Lock();
        using var called = new ManualResetEventSlim();
        using var source = VfioEvent.Create(kernel, "event");
        bool held = false;
        using (var loop = new EventLoop(kernel, gate))
        {
            loop.Start();
            lock (gate)
            {
                loop.Listen(source, () =>
                {
                    held = gate.IsHeldByCurrentThread;
                    called.Set();
                });
            }

            source.Signal();
            called.Wait(TestContext.Current.CancellationToken);
        }

        Assert.True(held);
    }

    [Fact]
    public async Task Software_events_are_waited_for_together()
    {
        using var machine = new PciMachine();
        using var first = VfioEvent.Create(machine.Kernel, "first");
        using var second = VfioEvent.Create(machine.Kernel, "second");
        int called = 0;
        machine.Events.Listen(first, () => called = 1);
        machine.Events.Listen(second, () => called = 2);
        Task<int> waiting = Task.Run(() => machine.Events.RunPending(TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);
        second.Signal();
        Assert.Equal(1, await waiting);
        Assert.Equal(2, called);
    }

    [Fact]
    public void Stopped_timer_does_not_fire()
    {
        using var kernel = new LinuxKernel();
        var time = new ManualTime();
        using var loop = new EventLoop(kernel, new Lock(), time);
        int fired = 0;
        using GateTimer timer = loop.CreateTimer(() => fired++);
        timer.Start(TimeSpan.FromSeconds(1));
        time.Elapse();
        timer.Start(TimeSpan.FromSeconds(1));
        timer.Stop();
        time.Elapse();
        Assert.Equal(1, fired);
    }
}
