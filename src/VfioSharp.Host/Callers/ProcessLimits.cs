// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Callers;

/// <summary>Limits and capabilities of a modelled process. It starts as root does. Thread-safe.</summary>
public sealed class ProcessLimits : IProcessLimits
{
    // CAP_SYS_RESOURCE: may raise a hard limit.
    private const int SysResource = 24;

    private ulong _memlock = ulong.MaxValue;
    private ulong _capabilities = ulong.MaxValue;

    /// <summary>Limits of a process of root: none.</summary>
    public ProcessLimits()
    {
    }

    private ProcessLimits(ProcessLimits other)
    {
        _memlock = other.MemlockLimitBytes;
        _capabilities = Volatile.Read(ref other._capabilities);
    }

    /// <inheritdoc/>
    public ulong MemlockLimitBytes => Volatile.Read(ref _memlock);

    /// <inheritdoc/>
    public bool HasCapability(Capability capability) => Has((int)capability);

    /// <summary>setrlimit(RLIMIT_MEMLOCK) of both limits; <see cref="ulong.MaxValue"/> is none.</summary>
    public KernelResult SetMemlock(ulong bytes)
    {
        if (bytes > MemlockLimitBytes && !Has(SysResource))
        {
            return KernelResult.Fail(Errno.EPERM, $"setrlimit: {bytes} bytes is above the hard limit of {MemlockLimitBytes}, and CAP_SYS_RESOURCE is missing");
        }

        Volatile.Write(ref _memlock, bytes);
        return KernelResult.Success;
    }

    /// <summary>capset: gives a capability up, by its number.</summary>
    public void Drop(int capability)
    {
        if ((uint)capability < 64) Interlocked.And(ref _capabilities, ~(1UL << capability));
    }

    /// <summary>setuid: any user but root loses all capabilities.</summary>
    public KernelResult SetUser(uint user)
    {
        if (user != 0) Volatile.Write(ref _capabilities, 0);
        return KernelResult.Success;
    }

    /// <summary>A forked process has the same limits, of its own.</summary>
    internal ProcessLimits Fork() => new(this);

    private bool Has(int capability) => (Volatile.Read(ref _capabilities) >> capability & 1) != 0;
}
