// SPDX-License-Identifier: MIT
namespace VfioSharp.Linux;

/// <summary>A resource limit of a process.</summary>
/// <param name="Resource">Which, as RLIMIT_* numbers them.</param>
/// <param name="Soft">What binds.</param>
/// <param name="Hard">How far the process may raise it.</param>
public readonly record struct ResourceLimit(int Resource, ulong Soft, ulong Hard);

/// <summary>All resource limits of processes (prlimit(2)).</summary>
public static unsafe class ResourceLimits
{
    /// <summary>How many kinds there are (RLIM_NLIMITS).</summary>
    public const int Count = 16;

    /// <summary>Those of this process.</summary>
    public static IReadOnlyList<ResourceLimit> Read()
    {
        List<ResourceLimit> limits = [];
        for (int resource = 0; resource < Count; resource++)
        {
            LimitPair pair = default;
            // SAFETY: no replacement is given; pair is struct rlimit, in this frame.
            if (Interop.PrLimit(0, resource, null, &pair) == 0) limits.Add(new ResourceLimit(resource, pair.Soft, pair.Hard));
        }

        return limits;
    }

    /// <summary>Sets one of a process; where its hard limit may not be raised, as near as that allows.</summary>
    public static SyscallResult Set(int process, ResourceLimit limit)
    {
        LimitPair wanted = new() { Soft = limit.Soft, Hard = limit.Hard };
        // SAFETY: both are struct rlimit, in this frame.
        SyscallResult set = SyscallResult.FromLibc(Interop.PrLimit(process, limit.Resource, &wanted, null));
        if (set.Errno != Errno.EPERM) return set;
        LimitPair present = default;
        set = SyscallResult.FromLibc(Interop.PrLimit(process, limit.Resource, null, &present));
        if (set.IsError) return set;
        LimitPair nearest = new() { Soft = Math.Min(limit.Soft, present.Hard), Hard = Math.Min(limit.Hard, present.Hard) };
        return SyscallResult.FromLibc(Interop.PrLimit(process, limit.Resource, &nearest, null));
    }
}
