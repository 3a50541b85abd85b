// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;

namespace VfioSharp.Linux;

/// <summary>What a process may do: its resource limits and capabilities, read at each call.</summary>
public static unsafe class ProcessCredentials
{
    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Unlimited = ulong.MaxValue;

    private const int LimitNoFile = 7;
    private const int LimitMemlock = 8;
    private const uint CapabilityVersion3 = 0x20080522;

    /// <summary>The effective user of this process (geteuid(2)).</summary>
    public static uint User => Interop.EffectiveUser();

    /// <summary>The soft RLIMIT_MEMLOCK in bytes (prlimit(2)); 0 is this process.</summary>
    public static SyscallResult ReadMemlockLimit(int process, out ulong bytes) => ReadLimit(process, LimitMemlock, out bytes);

    /// <summary>The soft RLIMIT_NOFILE (prlimit(2)); 0 is this process.</summary>
    public static SyscallResult ReadDescriptorLimit(int process, out ulong count) => ReadLimit(process, LimitNoFile, out count);

    /// <summary>The effective capabilities of a thread as a bit mask (capget(2)); 0 is this thread.</summary>
    public static SyscallResult ReadCapabilities(int thread, out ulong effective)
    {
        CapabilityHeader header = new() { Version = CapabilityVersion3, Thread = thread };
        CapabilityData* data = stackalloc CapabilityData[2];
        // SAFETY: version 3 of the call fills exactly two entries.
        SyscallResult read = SyscallResult.FromLibc(Interop.Syscall(CapgetNumber, (nint)(&header), (nint)data, 0, 0, 0));
        effective = read.IsError ? 0 : data[0].Effective | ((ulong)data[1].Effective << 32);
        return read;
    }

    private static nint CapgetNumber => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 125 : 90;

    private static SyscallResult ReadLimit(int process, int resource, out ulong value)
    {
        LimitPair limit = default;
        // SAFETY: no replacement is given; limit is struct rlimit, in this frame.
        SyscallResult read = SyscallResult.FromLibc(Interop.PrLimit(process, resource, null, &limit));
        value = limit.Soft;
        return read;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CapabilityHeader
    {
        public uint Version;
        public int Thread;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CapabilityData
    {
        public uint Effective;
        public uint Permitted;
        public uint Inheritable;
    }
}
