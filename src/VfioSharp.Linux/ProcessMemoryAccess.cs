// SPDX-License-Identifier: MIT
namespace VfioSharp.Linux;

/// <summary>
/// process_vm_readv(2) and process_vm_writev(2): another process's memory by its page protections, as the kernel's
/// copy_from_user and copy_to_user see it.
/// </summary>
public static unsafe class ProcessMemoryAccess
{
    /// <summary>Reads from a thread's memory; the value is the count, short where a page is not readable.</summary>
    public static SyscallResult Read(int thread, ulong address, Span<byte> destination)
    {
        // SAFETY: the span is pinned for the call and bounds the local side; the remote side faults in the kernel.
        fixed (byte* start = destination)
        {
            IoVector local = new() { Base = (nuint)start, Length = (nuint)destination.Length };
            IoVector remote = new() { Base = (nuint)address, Length = (nuint)destination.Length };
            return SyscallResult.FromLibc(Interop.ProcessVmReadv(thread, &local, 1, &remote, 1, 0));
        }
    }

    /// <summary>Writes into a thread's memory; the value is the count, short where a page is not writable.</summary>
    public static SyscallResult Write(int thread, ulong address, ReadOnlySpan<byte> source)
    {
        // SAFETY: as Read.
        fixed (byte* start = source)
        {
            IoVector local = new() { Base = (nuint)start, Length = (nuint)source.Length };
            IoVector remote = new() { Base = (nuint)address, Length = (nuint)source.Length };
            return SyscallResult.FromLibc(Interop.ProcessVmWritev(thread, &local, 1, &remote, 1, 0));
        }
    }
}
