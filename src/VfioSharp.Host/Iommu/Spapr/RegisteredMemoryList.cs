// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>
/// A process's registered memory (mm->context.iommu_group_mem_list), shared by all its containers
/// (mm/book3s64/iommu_api.c). Thread-safe.
/// </summary>
internal sealed class RegisteredMemoryList
{
    // Guards the list and the counts of its members (mem_list_mutex). After a container's lock; before the account of
    // locked memory and the physical addresses.
    private readonly RankedLock _lock = new(LockRank.RegisteredMemory);
    private readonly List<RegisteredMemory> _regions = [];

    // The process, while it lives, and each container bound to its memory (mm_count).
    private int _holders = 1;

    /// <summary>How many regions are registered.</summary>
    public int Count
    {
        get
        {
            using (_lock.EnterScope()) return _regions.Count;
        }
    }

    /// <summary>The region of exactly these pages, with one more user; null when there is none (mm_iommu_get).</summary>
    public RegisteredMemory? Get(ulong address, ulong size)
    {
        using (_lock.EnterScope())
        {
            foreach (RegisteredMemory region in _regions)
            {
                if (region.UserAddress != address || region.Size != size) continue;
                region.Users++;
                return region;
            }

            return null;
        }
    }

    /// <summary>A container is bound to the process' memory (mmgrab).</summary>
    public void Hold()
    {
        using (_lock.EnterScope()) _holders++;
    }

    /// <summary>
    /// A container is released, or the process ends (mmdrop). With the last one goes what nobody unregistered: Linux only
    /// warns of it and loses the pages.
    /// </summary>
    public void Leave(Caller caller)
    {
        RegisteredMemory[] left;
        using (_lock.EnterScope())
        {
            if (--_holders != 0) return;
            left = [.. _regions];
            _regions.Clear();
        }

        foreach (RegisteredMemory region in left) Free(caller, region);
    }

    /// <summary>Frees memory that is nobody's and that no entry points into any more.</summary>
    public void FreeOwnerless(Caller caller)
    {
        RegisteredMemory[] left;
        using (_lock.EnterScope())
        {
            left = [.. _regions.Where(region => region is { IsOwnerless: true, Users: 1 } && region.TryRetire())];
            foreach (RegisteredMemory region in left) _regions.Remove(region);
        }

        foreach (RegisteredMemory region in left) Free(caller, region);
    }

    /// <summary>A container that just got a region takes the place of nobody among its users, if nobody is one.</summary>
    public void Adopt(RegisteredMemory region)
    {
        using (_lock.EnterScope())
        {
            if (!region.IsOwnerless) return;
            region.IsOwnerless = false;
            region.Users--;
        }
    }

    /// <summary>Pins and registers memory (mm_iommu_new, mm_iommu_do_alloc). Page-aligned, not wrapping.</summary>
    public KernelResult Register(Caller caller, SpaprKernel kernel, ulong address, ulong size, out RegisteredMemory? region)
    {
        region = null;
        if (size == 0 && !kernel.Copies(Fidelity.RegisterNothingIsNoMemory)) return KernelResult.Fail(Errno.EINVAL, "REGISTER_MEMORY: size 0: there is nothing to register");
        long pages = (long)(size / (ulong)kernel.PageSize);
        if (!caller.Locked.TryCharge(pages, caller.Limits))
        {
            return KernelResult.Fail(
                Errno.ENOMEM,
                $"REGISTER_MEMORY: 0x{size:x} bytes more pass RLIMIT_MEMLOCK ({caller.Limits.MemlockLimitBytes} bytes, {caller.Locked.Bytes} locked) and the process lacks CAP_IPC_LOCK; raise the limit (ulimit -l)");
        }

        // vzalloc of a list with 8 bytes a page: nothing is not given, and never more than there is memory.
        if (size == 0 || (ulong)pages > kernel.RamBytes / 8)
        {
            caller.Locked.Release(pages);
            return KernelResult.Fail(Errno.ENOMEM, size == 0 ? "REGISTER_MEMORY: size 0: there is nothing to pin" : $"REGISTER_MEMORY: no memory for a list of {pages} pages");
        }

        KernelResult result = Pin(caller, kernel, address, size, out PinnedRange? range);
        if (!result.IsError && range is not null) result = Insert(kernel, address, size, range, out region);
        if (region is null) caller.Locked.Release(pages);
        return result;
    }

    private static KernelResult Pin(Caller caller, SpaprKernel kernel, ulong address, ulong size, out PinnedRange? range)
    {
        range = null;
        IPinnedMemory? memory = caller.Memory.Pin(address, size, forWriting: true);

        // FOLL_LONGTERM takes no device memory.
        ulong reached = memory?.PageBackedLength ?? 0;
        if (reached == size)
        {
            range = kernel.Memory.TryPlace(memory!);
            if (range is not null) return KernelResult.Success;
            memory!.Dispose();
            return KernelResult.Fail(Errno.ENOMEM, $"REGISTER_MEMORY: no physical addresses are left for 0x{size:x} bytes");
        }

        memory?.Dispose();
        ulong pinned = reached / (ulong)kernel.PageSize;
        ulong inChunk = pinned % SpaprKernel.PinnedPagesPerStep;
        string reason = $"REGISTER_MEMORY: no writable memory of the caller at 0x{address + reached:x} (of 0x{address:x}+0x{size:x})";

        // pin_user_pages' count of the step that fell short is what comes back; nothing is registered.
        return inChunk == 0 || !kernel.Copies(Fidelity.PartialRegisterReturnsCount)
            ? KernelResult.Fail(Errno.EFAULT, reason)
            : KernelResult.Odd((long)inChunk, reason + "; nothing was registered");
    }

    private KernelResult Insert(SpaprKernel kernel, ulong address, ulong size, PinnedRange range, out RegisteredMemory? region)
    {
        // The largest IOMMU page: by alignment, and more than a system page only where huge pages stand behind. The
        // kernel looks at the first page that is not huge only after one that is: what follows counts as huge too.
        int pageShift = BitOperations.TrailingZeroCount(address | size);
        bool isHuge = range.Memory.IsHugeAt(0) && (kernel.Copies(Fidelity.MixedPagesCountAsHuge) || IsHuge(range.Memory));
        int backing = isHuge ? SpaprKernel.HugePageShift : kernel.PageShift;
        region = null;
        using (_lock.EnterScope())
        {
            foreach (RegisteredMemory other in _regions)
            {
                if (other.UserAddress < address + size && address < other.UserAddress + other.Size)
                {
                    range.Free();
                    return KernelResult.Fail(Errno.EINVAL, $"REGISTER_MEMORY: 0x{address:x}+0x{size:x} overlaps the registered 0x{other.UserAddress:x}+0x{other.Size:x}");
                }
            }

            region = new RegisteredMemory(address, size, Math.Min(pageShift, backing), range);
            _regions.Add(region);
            return KernelResult.Success;
        }
    }

    // Memory that begins with a huge page.
    private static bool IsHuge(IPinnedMemory memory)
    {
        for (ulong at = 0; at < memory.Length; at += 1UL << SpaprKernel.HugePageShift)
        {
            if (!memory.IsHugeAt(at)) return false;
        }

        return memory.IsHugeAt(memory.Length - 1);
    }

    /// <summary>A user gives a region back (mm_iommu_put): EBUSY, and kept, when it is the last and entries point into it.</summary>
    public KernelResult Put(Caller caller, RegisteredMemory region)
    {
        using (_lock.EnterScope())
        {
            if (region.Users == 0) return KernelResult.Fail(Errno.ENOENT, $"0x{region.UserAddress:x}+0x{region.Size:x} is registered no more");
            if (--region.Users != 0) return KernelResult.Success;
            if (!region.TryRetire())
            {
                region.Users++;
                region.IsOwnerless = true;
                return KernelResult.Fail(Errno.EBUSY, $"0x{region.UserAddress:x}+0x{region.Size:x} has {region.Entries} entries of DMA windows pointing into it");
            }

            _regions.Remove(region);
        }

        Free(caller, region);
        return KernelResult.Success;
    }

    private static void Free(Caller caller, RegisteredMemory region)
    {
        region.Range.Free();
        caller.Locked.Release((long)(region.Size / (ulong)caller.Locked.PageSize));
    }

    /// <summary>The region that an IOMMU page lies in, or null (mm_iommu_lookup).</summary>
    public RegisteredMemory? Lookup(ulong address, ulong size)
    {
        using (_lock.EnterScope())
        {
            foreach (RegisteredMemory region in _regions)
            {
                if (region.Contains(address, size)) return region;
            }

            return null;
        }
    }
}
