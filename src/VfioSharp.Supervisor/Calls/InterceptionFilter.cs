// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Calls;

/// <summary>
/// Which system calls come to the supervisor. Everything else stays in the kernel at native speed: what cannot be
/// VFIO's by its numbers alone is never looked at.
/// </summary>
internal static class InterceptionFilter
{
    /// <summary>The first request number: _IO(';', 100), VFIO's first.</summary>
    public const uint FirstRequest = 0x3B64;

    /// <summary>The last: iommufd's share the type ';' up to 0xff.</summary>
    public const uint LastRequest = 0x3BFF;

    /// <summary>Most bytes of a read or write that can be a register access.</summary>
    public const uint LargestRegister = 8;

    // Regions 1 to 15 of a device descriptor begin at index << 40.
    private const uint FirstRegionHighWord = 0x100;
    private const uint LastRegionHighWord = 0xfff;
    private const uint EmptyPath = 0x1000; // AT_EMPTY_PATH

    /// <summary>Builds the filter for a window of descriptor numbers.</summary>
    public static BpfInstruction[] Build(DescriptorWindow window)
    {
        BpfLabel allow = new();
        BpfLabel notify = new();
        BpfLabel ioctl = new();
        BpfLabel statAt = new();
        BpfLabel statx = new();
        BpfLabel transfer = new();
        BpfLabel write = new();
        BpfLabel map = new();
        BpfLabel duplicate = new();
        BpfLabel closeRange = new();
        BpfLabel byPath = new();
        BpfLabel inWindow = new();
        BpfLabel byOffset = new();
        BpfLabel bySize = new();

        BpfProgram program = new BpfProgram()
            .Load(BpfProgram.ArchitectureOffset)
            .IfEqual(X64.Architecture, null, allow)
            .Load(BpfProgram.NumberOffset)
            .IfNotBelow(X64.X32Bit, allow)
            .IfEqual(X64.Write, write)
            .IfEqual(X64.Close, write)
            .IfEqual(X64.PRead, transfer)
            .IfEqual(X64.PWrite, transfer)
            .IfEqual(X64.Ioctl, ioctl)
            .IfEqual(X64.OpenAt, notify)
            .IfEqual(X64.MMap, map)
            .IfEqual(X64.NewFStatAt, statAt)
            .IfEqual(X64.Open, notify)
            .IfEqual(X64.Stat, notify)
            .IfEqual(X64.LStat, notify)
            .IfEqual(X64.Statx, statx)
            .IfEqual(X64.Access, notify)
            .IfEqual(X64.FAccessAt, notify)
            .IfEqual(X64.FAccessAt2, notify)
            .IfEqual(X64.ReadLink, notify)
            .IfEqual(X64.ReadLinkAt, notify)
            .IfEqual(X64.GetXAttr, notify)
            .IfEqual(X64.LGetXAttr, notify)
            .IfEqual(X64.ListXAttr, notify)
            .IfEqual(X64.LListXAttr, notify)
            .IfEqual(X64.Dup2, duplicate)
            .IfEqual(X64.Dup3, duplicate)
            .IfEqual(X64.CloseRange, closeRange)
            .IfEqual(X64.ExecVe, notify)
            .IfEqual(X64.ExecVeAt, notify, allow);

        program.Mark(ioctl)
            .Load(BpfProgram.LowWordOf(1))
            .IfNotBelow(FirstRequest, null, allow)
            .IfAbove(LastRequest, allow, notify);

        // Of a descriptor, not of a path: libc's fstat, which every program calls for every file it opens.
        program.Mark(statAt).Load(BpfProgram.LowWordOf(3)).GoTo(byPath)
            .Mark(statx).Load(BpfProgram.LowWordOf(2))
            .Mark(byPath).And(EmptyPath).IfEqual(0, notify, allow);

        // What a number of the window stands for is remembered: changes of that are told.
        program.Mark(closeRange)
            .Load(BpfProgram.LowWordOf(1))
            .IfNotBelow((uint)window.First, notify, allow);
        program.Mark(duplicate).Load(BpfProgram.LowWordOf(1)).GoTo(inWindow);

        program.Mark(map).Load(BpfProgram.LowWordOf(4)).GoTo(inWindow);
        program.Mark(write).Load(BpfProgram.LowWordOf(0))
            .Mark(inWindow)
            .IfNotBelow((uint)window.First, null, allow)
            .IfNotBelow((uint)window.End, allow, notify);

        // A copy of a descriptor (dup) may have any number: then the region in the offset tells, or the size of a register.
        program.Mark(transfer)
            .Load(BpfProgram.LowWordOf(0))
            .IfNotBelow((uint)window.First, null, byOffset)
            .IfNotBelow((uint)window.End, byOffset, notify)
            .Mark(byOffset)
            .Load(BpfProgram.HighWordOf(3))
            .IfNotBelow(FirstRegionHighWord, null, bySize)
            .IfAbove(LastRegionHighWord, bySize, notify)
            .Mark(bySize)
            .Load(BpfProgram.HighWordOf(2))
            .IfEqual(0, null, allow)
            .Load(BpfProgram.LowWordOf(2))
            .IfAbove(LargestRegister, allow, notify);

        program.Mark(allow).Return(BpfProgram.Allow);
        program.Mark(notify).Return(BpfProgram.Notify);
        return program.Assemble();
    }
}
