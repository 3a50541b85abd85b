// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Kernel;

/// <summary>
/// The seam on the real kernel: each call is the system call of its name. Descriptors are this process's own.
/// Any Linux; the kernel gives no reasons, so results carry none but those of checks made here.
/// </summary>
/// <remarks>Loads and stores of a <see cref="VfioMapping"/> go straight to memory: where the kernel raises SIGBUS
/// (memory decoding off), the process gets that signal. On the software host the same is a result.</remarks>
public sealed partial class LinuxKernel : IVfioKernel
{
    private const int PolledOnStack = 32;

    /// <inheritdoc/>
    public string Name => "Linux";

    /// <inheritdoc/>
    public int PageSize => MappedMemory.PageSize;

    /// <inheritdoc/>
    public KernelResult Open(string path, OpenMode mode) => From(Descriptors.Open(path, FlagsOf(mode) | OpenFlags.CloseOnExec));

    /// <inheritdoc/>
    public KernelResult Close(int descriptor) => From(Descriptors.Close(descriptor));

    /// <inheritdoc/>
    public KernelResult Ioctl(int descriptor, uint request, ulong argument) =>
        From(Descriptors.Ioctl(descriptor, request, argument));

    /// <inheritdoc/>
    public KernelResult Ioctl(int descriptor, uint request, Span<byte> argument) =>
        From(Descriptors.Ioctl(descriptor, request, argument));

    /// <inheritdoc/>
    public KernelResult Read(int descriptor, Span<byte> buffer, ulong offset) =>
        From(Descriptors.ReadAt(descriptor, buffer, offset));

    /// <inheritdoc/>
    public KernelResult Write(int descriptor, ReadOnlySpan<byte> buffer, ulong offset) =>
        From(Descriptors.WriteAt(descriptor, buffer, offset));

    /// <inheritdoc/>
    public KernelResult Map(int descriptor, ulong offset, ulong length, MemoryProtection protection, out VfioMapping? mapping) =>
        Wrap(MappedMemory.MapFile(descriptor, offset, length, (int)protection, out MappedMemory? memory), memory, out mapping);

    /// <inheritdoc/>
    public KernelResult AllocateMemory(ulong length, out VfioMapping? memory) =>
        Wrap(MappedMemory.MapAnonymousMemory(length, out MappedMemory? mapped), mapped, out memory);

    /// <inheritdoc/>
    public KernelResult CreateEvent() => From(EventDescriptor.Create(0));

    /// <inheritdoc/>
    public KernelResult WaitEvent(int descriptor, int timeoutMilliseconds, out ulong count)
    {
        count = 0;
        long deadline = Environment.TickCount64 + timeoutMilliseconds;
        while (true)
        {
            int left = timeoutMilliseconds < 0 ? -1 : (int)Math.Max(0, deadline - Environment.TickCount64);
            SyscallResult waited = Polling.Wait(descriptor, left, out PollEvents events);
            if (waited.IsError) return From(waited);
            if (events.HasFlag(PollEvents.NotOpen)) return KernelResult.FailSilently(Errno.EBADF);
            SyscallResult taken = EventDescriptor.Take(descriptor, out count);
            // EAGAIN: another thread took the count between poll and read.
            if (taken.Errno is not (Errno.EAGAIN or Errno.EINTR)) return taken.IsError ? From(taken) : KernelResult.Success;
        }
    }

    /// <inheritdoc/>
    public KernelResult WaitAnyEvent(ReadOnlySpan<int> descriptors, int timeoutMilliseconds)
    {
        Span<PollEvents> events = descriptors.Length <= PolledOnStack ? stackalloc PollEvents[PolledOnStack] : new PollEvents[descriptors.Length];
        SyscallResult waited = Polling.Wait(descriptors, timeoutMilliseconds, events);
        return waited.IsError ? From(waited) : KernelResult.Ok(events[..descriptors.Length].IndexOfAnyExcept(PollEvents.None));
    }

    /// <inheritdoc/>
    public KernelResult SignalEvent(int descriptor, ulong count)
    {
        SyscallResult signalled = EventDescriptor.Signal(descriptor, count);
        return signalled.IsError ? From(signalled) : KernelResult.Success;
    }

    /// <summary>Nothing is held: descriptors and mappings are their openers'.</summary>
    public void Dispose()
    {
    }

    private static KernelResult From(SyscallResult result) =>
        result.IsError ? KernelResult.FailSilently(result.Errno) : KernelResult.Ok(result.Value);

    private static KernelResult Wrap(SyscallResult result, MappedMemory? memory, out VfioMapping? mapping)
    {
        mapping = memory is null ? null : new LinuxMapping(memory);
        return result.IsError ? From(result) : KernelResult.Success;
    }

    private static OpenFlags FlagsOf(OpenMode mode) => mode switch
    {
        OpenMode.ReadOnly => OpenFlags.ReadOnly,
        OpenMode.WriteOnly => OpenFlags.WriteOnly,
        _ => OpenFlags.ReadWrite,
    };
}
