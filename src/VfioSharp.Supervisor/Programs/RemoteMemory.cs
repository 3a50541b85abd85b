// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Linux;
using VfioSharp.Supervisor.Calls;

namespace VfioSharp.Supervisor.Programs;

/// <summary>
/// A program's memory during the call that is being served: what was read counts only if the calling thread still
/// waits afterwards; else its number may have become another thread's.
/// </summary>
internal sealed class RemoteMemory(ProcessMemory memory, SeccompListener listener, CurrentCall current) : ICallerMemory
{
    public int PageSize => memory.PageSize;

    public bool TryRead(ulong address, Span<byte> destination) =>
        memory.TryRead(address, destination) && (current.IsKnownValid = listener.IsValid(current.Id));

    public bool TryWrite(ulong address, ReadOnlySpan<byte> source) =>
        (current.IsKnownValid || listener.IsValid(current.Id)) && memory.TryWrite(address, source);

    public IPinnedMemory? Pin(ulong address, ulong length, bool forWriting) => memory.Pin(address, length, forWriting);
}
