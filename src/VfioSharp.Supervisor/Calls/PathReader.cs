// SPDX-License-Identifier: MIT
using System.Text;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Calls;

/// <summary>Reads path arguments out of a calling thread's memory.</summary>
internal static class PathReader
{
    private const int PathMax = 4096;
    private const int Page = 4096;
    private const int FirstRead = 64;
    private const int LongestPrefix = 10;

    private delegate bool PathFilter(ReadOnlySpan<byte> path);

    /// <summary>
    /// The path at an address, if it is absolute and one of VFIO's nodes or below /sys or /proc: null for all others, and for what cannot be
    /// read (the kernel then finds its own answer).
    /// </summary>
    public static string? ReadServed(SeccompListener listener, CurrentCall call, ulong address) => Read(listener, call, address, MayBeServed);

    /// <summary>The path at an address, whatever it is; null for what cannot be read.</summary>
    public static string? ReadAny(SeccompListener listener, CurrentCall call, ulong address) => Read(listener, call, address, _ => true);

    private static string? Read(SeccompListener listener, CurrentCall call, ulong address, PathFilter isWanted)
    {
        Span<byte> text = stackalloc byte[PathMax];
        int length = 0;
        for (int step = FirstRead; length < PathMax; step = PathMax)
        {
            // A read never crosses a page: the next one may not be there.
            ulong at = unchecked(address + (ulong)length);
            int count = (int)Math.Min((ulong)Math.Min(step, PathMax - length), Page - (at % Page));
            if (ProcessMemoryAccess.Read(call.Thread, at, text.Slice(length, count)).Value != count) return null;
            int end = text.Slice(length, count).IndexOf((byte)0);
            length += end < 0 ? count : end;
            if (length >= LongestPrefix && !isWanted(text)) return null;
            if (end < 0) continue;
            return isWanted(text[..length]) && listener.IsValid(call.Id) ? Encoding.UTF8.GetString(text[..length]) : null;
        }

        return null;
    }

    private static bool MayBeServed(ReadOnlySpan<byte> path) => path.StartsWith("/dev/vfio"u8) || path.StartsWith("/dev/iommu"u8) || path.StartsWith("/sys/"u8) || path.StartsWith("/proc/"u8);
}
