// SPDX-License-Identifier: MIT
using VfioSharp.Host.Iommu.Spapr;

namespace VfioSharp.Host.Callers;

/// <summary>Capabilities that VFIO asks for, with Linux's numbers.</summary>
public enum Capability
{
    /// <summary>CAP_IPC_LOCK: RLIMIT_MEMLOCK does not bind.</summary>
    IpcLock = 14,

    /// <summary>CAP_SYS_RAWIO: no-IOMMU groups.</summary>
    SysRawIo = 17,

    /// <summary>CAP_SYS_ADMIN.</summary>
    SysAdmin = 21,
}

/// <summary>What a process may do. Read anew at each call that depends on it, as the kernel does.</summary>
public interface IProcessLimits
{
    /// <summary>RLIMIT_MEMLOCK in bytes; <see cref="ulong.MaxValue"/> is no limit.</summary>
    ulong MemlockLimitBytes { get; }

    /// <summary>capable().</summary>
    bool HasCapability(Capability capability);
}

/// <summary>
/// The process that asks: its memory, its descriptors, its limits. Passed to every call, never ambient.
/// One object a process (an mm), for its life: the identity of a caller is the identity of its mm.
/// </summary>
public sealed class Caller
{
    private int _exited;

    /// <summary>Makes a caller.</summary>
    /// <param name="name">What it is called in messages: program and process id.</param>
    /// <param name="memory">Its memory.</param>
    /// <param name="files">Its descriptors.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="pageSize">
    /// The kernel's page size, in which locked memory is counted. A program under <c>vfio run</c> has smaller ones when the
    /// machine's are larger than this computer's.
    /// </param>
    public Caller(string name, ICallerMemory memory, IFileTable files, IProcessLimits limits, int pageSize)
    {
        Name = name;
        Memory = memory;
        Files = files;
        Limits = limits;
        Locked = new LockedMemory(pageSize);
    }

    /// <summary>What the caller is called in messages.</summary>
    public string Name { get; }

    /// <summary>The caller's memory.</summary>
    public ICallerMemory Memory { get; }

    /// <summary>The caller's descriptors.</summary>
    public IFileTable Files { get; }

    /// <summary>The caller's limits.</summary>
    public IProcessLimits Limits { get; }

    /// <summary>The caller's account of locked memory (mm->locked_vm, VmLck).</summary>
    public LockedMemory Locked { get; }

    /// <summary>
    /// The process ended, whether or not its files are closed yet: memory it registered goes with the last container that
    /// is bound to it.
    /// </summary>
    public void Exit()
    {
        if (Interlocked.Exchange(ref _exited, 1) == 0) Registered.Leave(this);
    }

    /// <summary>Memory the caller registered for sPAPR DMA windows (mm->context.iommu_group_mem_list).</summary>
    internal RegisteredMemoryList Registered { get; } = new();
}
