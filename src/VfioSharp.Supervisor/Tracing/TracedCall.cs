// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Tracing;

/// <summary>The kinds of calls that are served.</summary>
public enum TracedCallKind
{
    /// <summary>open and openat.</summary>
    Open,

    /// <summary>ioctl.</summary>
    Ioctl,

    /// <summary>pread.</summary>
    Read,

    /// <summary>pwrite.</summary>
    Write,

    /// <summary>mmap.</summary>
    Map,
}

/// <summary>A call of a program that the host answered. Its bytes are the program's own: they may be anything.</summary>
public readonly ref struct TracedCall
{
    /// <summary>Which call.</summary>
    public required TracedCallKind Kind { get; init; }

    /// <summary>When it was taken up, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</summary>
    public long Started { get; init; }

    /// <summary>When the answer was there.</summary>
    public long Ended { get; init; }

    /// <summary>The calling program and its process id, for messages.</summary>
    public string Program { get; init; }

    /// <summary>The process.</summary>
    public int Process { get; init; }

    /// <summary>The thread.</summary>
    public int Thread { get; init; }

    /// <summary>The file it was made on; null for an open.</summary>
    public HostFile? File { get; init; }

    /// <summary>The path of an open.</summary>
    public string? Path { get; init; }

    /// <summary>The number of an ioctl.</summary>
    public uint Request { get; init; }

    /// <summary>The argument of an ioctl: a number or an address.</summary>
    public ulong Argument { get; init; }

    /// <summary>Where in the file a pread, pwrite or mmap is.</summary>
    public ulong Offset { get; init; }

    /// <summary>Bytes that a pread, pwrite or mmap asks for.</summary>
    public ulong Length { get; init; }

    /// <summary>What an ioctl's argument pointed to, or the first bytes of a pwrite; empty when it cannot be read.</summary>
    public ReadOnlySpan<byte> Before { get; init; }

    /// <summary>What it pointed to afterwards, or the first bytes of a pread.</summary>
    public ReadOnlySpan<byte> After { get; init; }

    /// <summary>The answer.</summary>
    public KernelResult Result { get; init; }

    /// <summary>Bytes of locked memory that the process is charged afterwards.</summary>
    public ulong LockedBytes { get; init; }
}
