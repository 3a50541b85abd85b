// SPDX-License-Identifier: MIT
using VfioSharp.Host.Locking;

namespace VfioSharp.Host.Callers;

/// <summary>The account of a process's locked pages (mm->locked_vm; VmLck in /proc/PID/status). Thread-safe.</summary>
public sealed class LockedMemory
{
    // Guards _pages. Innermost: nothing else is taken under it.
    private readonly RankedLock _lock = new(LockRank.Leaf);
    private long _pages;

    /// <summary>An empty account of pages of <paramref name="pageSize"/> bytes.</summary>
    public LockedMemory(int pageSize) => PageSize = pageSize;

    /// <summary>Bytes of the pages that are counted: the kernel's, whatever the process's are.</summary>
    public int PageSize { get; }

    /// <summary>Pages charged.</summary>
    public long Pages => Interlocked.Read(ref _pages);

    /// <summary>Bytes charged.</summary>
    public ulong Bytes => (ulong)Pages * (ulong)PageSize;

    /// <summary>
    /// Charges pages (mm/util.c: __account_locked_vm): refused when the limit would be passed, unless the caller
    /// has CAP_IPC_LOCK.
    /// </summary>
    public bool TryCharge(long pages, IProcessLimits limits)
    {
        ulong limitPages = limits.MemlockLimitBytes / (ulong)PageSize;
        bool bound = !limits.HasCapability(Capability.IpcLock);
        using (_lock.EnterScope())
        {
            if (bound && (ulong)(_pages + pages) > limitPages) return false;
            _pages += pages;
            return true;
        }
    }

    /// <summary>Gives pages back.</summary>
    public void Release(long pages)
    {
        using (_lock.EnterScope())
        {
            _pages -= pages;
            System.Diagnostics.Debug.Assert(_pages >= 0, "more pages released than charged");
        }
    }
}
