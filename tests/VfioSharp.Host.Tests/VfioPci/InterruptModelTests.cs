// SPDX-License-Identifier: MIT
using FsCheck;
using FsCheck.Fluent;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Tests.VfioPci;

/// <summary>
/// Random SET_IRQS calls against a naive model of what the kernel keeps: which type is on, and which eventfd each
/// interrupt has (vfio_pci_intrs.c). Devices whose line stays low, so that only the calls themselves signal.
/// </summary>
public sealed class InterruptModelTests
{
    private const uint None = VfioIrqSetFlags.DataNone;
    private const uint Bool = VfioIrqSetFlags.DataBool;
    private const uint Eventfd = VfioIrqSetFlags.DataEventfd;

    private static readonly uint[] s_actions = [VfioIrqSetFlags.ActionTrigger, VfioIrqSetFlags.ActionTrigger, VfioIrqSetFlags.ActionTrigger, VfioIrqSetFlags.ActionMask, VfioIrqSetFlags.ActionUnmask];

    [Theory]
    [InlineData("edu0", false)]
    [InlineData("net0", true)]
    public void Random_calls_answer_and_signal_as_the_model(string alias, bool isExpress)
    {
        Gen<Call> call =
            from index in Gen.Elements(VfioPciIrqIndex.Intx, VfioPciIrqIndex.Intx, VfioPciIrqIndex.Msi, VfioPciIrqIndex.Msi, VfioPciIrqIndex.Err, VfioPciIrqIndex.Req)
            from data in Gen.Elements(None, Bool, Eventfd, Eventfd)
            from action in Gen.Elements(s_actions)
            from count in Gen.Frequency((1, Gen.Constant(0u)), (4, Gen.Constant(1u)))
            from target in Gen.Choose(-1, 2)
            from value in Gen.Elements(true, false)
            select new Call((uint)index, data, action, count, target, value);
        Prop.ForAll(call.ListOf().ToArbitrary(), calls =>
        {
            using var session = new DeviceSession(alias);
            int[] events = [session.Event(), session.Event(), session.Event()];
            var model = new Model(isExpress);
            foreach (Call c in calls)
            {
                // Unmasking by eventfd keeps a subscription, which the model has no place for.
                if (c.Index == VfioPciIrqIndex.Intx && c.Data == Eventfd && c.Action == VfioIrqSetFlags.ActionUnmask) continue;
                KernelResult result = Make(session, events, c);
                (Errno errno, int signalled) = model.Answer(c);
                if (result.Errno != errno) return false;
                for (int i = 0; i < events.Length; i++)
                {
                    if (session.Take(events[i]) != (signalled == i ? 1UL : 0)) return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static KernelResult Make(DeviceSession session, int[] events, Call c)
    {
        uint flags = c.Data | c.Action;
        if (c.Data == None || c.Count == 0) return session.SetIrqs(c.Index, flags, 0, c.Count);
        return c.Data == Bool
            ? session.SetIrqs(c.Index, flags, 0, 1, [(byte)(c.Value ? 1 : 0)])
            : session.SetIrqs(c.Index, flags, 0, 1, c.Target < 0 ? -1 : events[c.Target]);
    }

    private readonly record struct Call(uint Index, uint Data, uint Action, uint Count, int Target, bool Value);

    /// <summary>The kernel's state, one field each, and its answers, one rule a line. Targets are numbers; -1 is none.</summary>
    private sealed class Model(bool isExpress)
    {
        private uint? _type;
        private int _message = -1;
        private int _error = -1;
        private int _request = -1;

        /// <summary>The errno, and which event the call signals (-1: none).</summary>
        public (Errno Errno, int Signalled) Answer(Call c)
        {
            bool trigger = c.Action == VfioIrqSetFlags.ActionTrigger;
            return c.Index switch
            {
                // An index with no interrupts is refused before what it can do is asked (vfio_set_irqs_validate_and_prepare);
                // what an index has no function for is ENOTTY.
                VfioPciIrqIndex.Intx when !trigger => MaskIntx(c),
                VfioPciIrqIndex.Intx => TriggerIntx(c),
                VfioPciIrqIndex.Msi => trigger ? TriggerMessage(c) : (Errno.ENOTTY, -1),
                VfioPciIrqIndex.Err when !isExpress => (Errno.EINVAL, -1),
                VfioPciIrqIndex.Err => trigger ? TriggerSingle(ref _error, c) : (Errno.ENOTTY, -1),
                _ => trigger ? TriggerSingle(ref _request, c) : (Errno.ENOTTY, -1),
            };
        }

        private (Errno, int) MaskIntx(Call c)
        {
            if (_type != VfioPciIrqIndex.Intx || c.Count != 1) return (Errno.EINVAL, -1);
            bool mask = c.Action == VfioIrqSetFlags.ActionMask;
            return c.Data == Eventfd && mask ? (Errno.ENOTTY, -1) : (Errno.None, -1);
        }

        private (Errno, int) TriggerIntx(Call c)
        {
            bool on = _type == VfioPciIrqIndex.Intx;
            if (on && c.Count == 0 && c.Data == None)
            {
                (_type, _message) = (null, -1);
                return (Errno.None, -1);
            }

            if ((_type is not null && !on) || c.Count != 1) return (Errno.EINVAL, -1);
            if (c.Data == Eventfd)
            {
                (_type, _message) = (VfioPciIrqIndex.Intx, c.Target);
                return (Errno.None, -1);
            }

            if (!on) return (Errno.EINVAL, -1);
            return (Errno.None, c.Data == None || c.Value ? _message : -1);
        }

        private (Errno, int) TriggerMessage(Call c)
        {
            bool on = _type == VfioPciIrqIndex.Msi;
            if (on && c.Count == 0 && c.Data == None)
            {
                (_type, _message) = (null, -1);
                return (Errno.None, -1);
            }

            if (_type is not null && !on) return (Errno.EINVAL, -1);
            if (c.Data == Eventfd)
            {
                // No vectors to enable is a range the allocation refuses; of a running type, nothing to change.
                if (c.Count == 0) return (on ? Errno.None : Errno.ERANGE, -1);
                (_type, _message) = (VfioPciIrqIndex.Msi, c.Target);
                return (Errno.None, -1);
            }

            if (!on) return (Errno.EINVAL, -1);
            return (Errno.None, c.Count == 1 && (c.Data == None || c.Value) ? _message : -1);
        }

        // vfio_pci_set_ctx_trigger_single
        private static (Errno, int) TriggerSingle(ref int target, Call c)
        {
            if (c.Data == None)
            {
                if (target < 0) return (Errno.EINVAL, -1);
                if (c.Count != 0) return (Errno.None, target);
                target = -1;
                return (Errno.None, -1);
            }

            if (c.Count == 0) return (Errno.EINVAL, -1);
            if (c.Data == Bool) return (Errno.None, c.Value ? target : -1);
            target = c.Target;
            return (Errno.None, -1);
        }
    }
}
