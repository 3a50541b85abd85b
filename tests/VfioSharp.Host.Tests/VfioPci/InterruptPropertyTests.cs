// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using static VfioSharp.Abi.Vfio.VfioIrqSetFlags;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>Random sequences of SET_IRQS, and of a device that interrupts, against <see cref="InterruptModel"/>: every answer, every signal.</summary>
public sealed class InterruptPropertyTests
{
    private const int NoDescriptor = -1;
    private const int BadDescriptor = 999;

    // Registers of edu.
    private const ulong InterruptRaise = 0x60;
    private const ulong InterruptAcknowledge = 0x64;

    [Theory]
    [InlineData("edu0", true)]
    [InlineData("conv1", true)]
    [InlineData("net0", false)]
    [InlineData("nvme0", false)]
    [InlineData("igb0", false)]
    public void Random_calls_agree_with_a_naive_model(string alias, bool interrupts)
    {
        Gen<uint> kind = Gen.Elements(DataNone, DataBool, DataEventfd, DataEventfd);
        Gen<uint> action = Gen.Elements(ActionTrigger, ActionTrigger, ActionTrigger, ActionMask, ActionUnmask);
        Gen<Call> calls =
            // INTx is on often enough where its line goes up and down.
            from index in interrupts ? Gen.Elements(0u, 0u, 0u, 0u, 0u, 0u, 1u, 4u) : Gen.Elements(0u, 1u, 2u, 2u, 3u, 4u)
            from data in kind
            from what in action
            from start in interrupts ? Gen.Elements(0u, 0u, 0u, 0u, 0u, 0u, 0u, 1u) : Gen.Elements(0u, 0u, 0u, 1u, 3u)
            from count in Gen.Elements(0u, 1u, 1u, 1u, 2u, 3u)
            from slots in Gen.Elements(0, 1, 2, 2, 1, 0, NoDescriptor, BadDescriptor).ArrayOf(3)
            from bools in Gen.Elements<byte>(0, 1).ArrayOf(3)
            from device in interrupts ? Gen.Elements(Device.Raises, Device.Raises, Device.IsAcknowledged, Device.IsQuiet, Device.IsQuiet) : Gen.Constant(Device.IsQuiet)
            select new Call(index, data | what, start, count, slots, bools, device);
        Prop.ForAll(calls.ListOf().ToArbitrary(), sequence => Run(alias, sequence)).QuickCheckThrowOnFailure();
    }

    private static void Run(string alias, IEnumerable<Call> sequence)
    {
        using var session = new DeviceSession(alias);
        session.Write16(DeviceSession.Config + 4, 6);
        int[] events = [session.Event(), session.Event(), session.Event()];

        // Unmasking takes the count of its eventfd, so that one is not a target of signals too.
        int unmask = session.Event();
        var model = new InterruptModel([.. Enumerable.Range(0, (int)VfioPciIrqIndex.Count).Select(i => Count(session, (uint)i))]);
        foreach (Call call in sequence)
        {
            bool isUnmask = (call.Flags & ActionUnmask) != 0;
            int[] descriptors = [.. call.Slots.Select(slot => slot is NoDescriptor or BadDescriptor ? slot : isUnmask ? unmask : events[slot])];
            KernelResult answer = (call.Flags & DataTypeMask) == DataBool
                ? session.SetIrqs(call.Index, call.Flags, call.Start, call.Count, call.Bools.AsSpan(0, (int)call.Count))
                : session.SetIrqs(call.Index, call.Flags, call.Start, call.Count, descriptors[..(int)call.Count]);
            Linux.Errno expected = model.Set(call.Index, call.Flags, call.Start, call.Count, descriptors, call.Bools, descriptor => descriptor != BadDescriptor);
            Assert.True(expected == answer.Errno, $"{alias}: {call}: {answer} instead of {expected}");
            CompareSignals();
            switch (call.Device)
            {
                case Device.Raises:
                    session.Function.WriteBar(0, InterruptRaise, 4, 1);
                    model.Raise();
                    break;
                case Device.IsAcknowledged:
                    session.Function.WriteBar(0, InterruptAcknowledge, 4, 1);
                    model.Acknowledge();
                    break;
                default:
                    break;
            }

            CompareSignals();

            void CompareSignals()
            {
                foreach (int target in events)
                {
                    (ulong expectedCount, ulong count) = (model.Take(target), session.Take(target));
                    Assert.True(expectedCount == count, $"{alias}: {call}: {count} signals instead of {expectedCount}");
                }
            }
        }
    }

    private static int Count(DeviceSession session, uint index)
    {
        var info = new VfioIrqInfo { Argsz = 16, Index = index };
        return session.Ioctl(VfioIoctl.DeviceGetIrqInfo, ref info).IsSuccess ? (int)info.Count : 0;
    }

    private sealed record Call(uint Index, uint Flags, uint Start, uint Count, int[] Slots, byte[] Bools, Device Device);

    /// <summary>What the device does after a call.</summary>
    private enum Device
    {
        IsQuiet,
        Raises,
        IsAcknowledged,
    }
}
