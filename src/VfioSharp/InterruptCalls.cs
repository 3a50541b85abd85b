// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>DEVICE_GET_IRQ_INFO and DEVICE_SET_IRQS in the ABI's structs.</summary>
internal static class InterruptCalls
{
    private const int EventsOnStack = 32;

    internal static KernelResult GetInfo(KernelFile device, uint index, out InterruptInfo info)
    {
        var answer = new VfioIrqInfo { Argsz = (uint)Unsafe.SizeOf<VfioIrqInfo>(), Index = index };
        KernelResult result = device.Ioctl(VfioIoctl.DeviceGetIrqInfo, ref answer);
        info = result.IsError ? default : new InterruptInfo(
            index,
            answer.Count,
            CanSignal: (answer.Flags & VfioIrqInfoFlags.Eventfd) != 0,
            IsMaskable: (answer.Flags & VfioIrqInfoFlags.Maskable) != 0,
            IsAutomasked: (answer.Flags & VfioIrqInfoFlags.Automasked) != 0,
            IsFixedSize: (answer.Flags & VfioIrqInfoFlags.Noresize) != 0);
        return result;
    }

    /// <summary>Gives eventfds to vectors from <paramref name="first"/> on; -1 takes one away.</summary>
    internal static KernelResult SetEvents(KernelFile device, uint index, uint action, uint first, ReadOnlySpan<int> events)
    {
        int header = Unsafe.SizeOf<VfioIrqSet>();
        int length = header + (events.Length * sizeof(int));
        Span<byte> argument = events.Length <= EventsOnStack ? stackalloc byte[length] : new byte[length];
        var set = new VfioIrqSet
        {
            Argsz = (uint)length,
            Flags = VfioIrqSetFlags.DataEventfd | action,
            Index = index,
            Start = first,
            Count = (uint)events.Length,
        };
        MemoryMarshal.Write(argument, in set);
        MemoryMarshal.AsBytes(events).CopyTo(argument[header..]);
        return device.Ioctl(VfioIoctl.DeviceSetIrqs, argument);
    }

    /// <summary>Masks, unmasks or triggers vectors; no vectors and ACTION_TRIGGER disables the index.</summary>
    internal static KernelResult Act(KernelFile device, uint index, uint action, uint first, uint count)
    {
        var set = new VfioIrqSet
        {
            Argsz = (uint)Unsafe.SizeOf<VfioIrqSet>(),
            Flags = VfioIrqSetFlags.DataNone | action,
            Index = index,
            Start = first,
            Count = count,
        };
        return device.Ioctl(VfioIoctl.DeviceSetIrqs, ref set);
    }
}
