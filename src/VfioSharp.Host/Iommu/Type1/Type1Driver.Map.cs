// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Type1;

/// <summary>MAP_DMA.</summary>
internal sealed partial class Type1Driver
{
    private const ulong MostDirtyPages = int.MaxValue;

    // vfio_iommu_type1_map_dma
    private KernelResult MapDma(Caller caller, ulong argument)
    {
        const uint Known = VfioDmaMapFlags.Read | VfioDmaMapFlags.Write | VfioDmaMapFlags.Vaddr;
        VfioIommuType1DmaMap map = default;
        int size = Unsafe.SizeOf<VfioIommuType1DmaMap>();
        if (!UserMemory.TryRead(caller, argument, ref map)) return UserMemory.Fault("MAP_DMA", argument, size);
        if (map.Argsz < size) return UserMemory.ShortArgument("MAP_DMA", map.Argsz, size);
        if ((map.Flags & ~Known) != 0) return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: flags 0x{map.Flags:x} has unknown bits; 0x{Known:x} are known");
        KernelResult refused = CheckMap(in map);
        if (refused.IsError) return refused;
        using (_domain.Lock.EnterScope()) return MapLocked(caller, in map);
    }

    // vfio_dma_do_map, before the lock
    private static KernelResult CheckMap(in VfioIommuType1DmaMap map)
    {
        if (map.Size == 0) return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: size 0 at iova 0x{map.Iova:x}");
        ulong rest = map.Size - 1;
        if (map.Iova > ulong.MaxValue - rest) return KernelResult.Fail(Errno.EOVERFLOW, $"MAP_DMA: iova 0x{map.Iova:x} + size 0x{map.Size:x} passes the end of the address space");
        if (map.Vaddr > ulong.MaxValue - rest) return KernelResult.Fail(Errno.EOVERFLOW, $"MAP_DMA: vaddr 0x{map.Vaddr:x} + size 0x{map.Size:x} passes the end of the address space");
        bool permissions = (map.Flags & (VfioDmaMapFlags.Read | VfioDmaMapFlags.Write)) != 0;
        bool setVaddr = (map.Flags & VfioDmaMapFlags.Vaddr) != 0;
        if (permissions == setVaddr)
        {
            return KernelResult.Fail(Errno.EINVAL, permissions
                ? $"MAP_DMA: flags 0x{map.Flags:x} ask for VADDR and for permissions at once"
                : $"MAP_DMA: flags 0x{map.Flags:x} give the device neither READ nor WRITE");
        }

        return KernelResult.Success;
    }

    // vfio_dma_do_map, under the lock
    private KernelResult MapLocked(Caller caller, in VfioIommuType1DmaMap map)
    {
        // An ioctl that was on its way when the last group left: nothing would ever unmap what it maps.
        if (_groups.Count == 0) return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: the last group has left the container before iova 0x{map.Iova:x} could be mapped");
        ulong pageSize = MinPageSize;
        if (((map.Size | map.Iova | map.Vaddr) & (pageSize - 1)) != 0)
        {
            return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: iova 0x{map.Iova:x}, vaddr 0x{map.Vaddr:x} and size 0x{map.Size:x} are not all multiples of the IOMMU's 0x{pageSize:x}-byte pages");
        }

        ulong last = map.Iova + (map.Size - 1);
        DmaMapping? there = _domain.Mappings.FindOverlap(map.Iova, last);
        if ((map.Flags & VfioDmaMapFlags.Vaddr) != 0) return UpdateVaddr(caller, in map, there);
        if (there is not null)
        {
            return KernelResult.Fail(Errno.EEXIST, $"MAP_DMA: iova 0x{map.Iova:x}+0x{map.Size:x} overlaps the mapping 0x{there.Start:x}+0x{there.Size:x}");
        }

        if (_entriesLeft == 0) return KernelResult.Fail(Errno.ENOSPC, $"MAP_DMA: the container has {_domain.Mappings.Count} mappings, all that dma_entry_limit allows; map larger pieces or raise it");
        if (!IsValid(map.Iova, last)) return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: iova 0x{map.Iova:x}-0x{last:x} is not inside a range that can be mapped ({DescribeRanges()})");
        return PinAndMap(caller, in map, pageSize);
    }

    // vfio_pin_map_dma and vfio_pin_pages_remote
    private KernelResult PinAndMap(Caller caller, in VfioIommuType1DmaMap map, ulong pageSize)
    {
        bool forWriting = (map.Flags & VfioDmaMapFlags.Write) != 0;
        IPinnedMemory? memory = caller.Memory.Pin(map.Vaddr, map.Size, forWriting);
        if (memory is null) return Unpinnable(in map, 0);

        // The kernel pins and charges run by run: a limit passed before the hole is met answers first.
        long pages = (long)(memory.AccountedLength / (ulong)_pageSize);
        if (pages != 0 && !caller.Locked.TryCharge(pages, caller.Limits))
        {
            memory.Dispose();
            return KernelResult.Fail(
                Errno.ENOMEM,
                $"MAP_DMA: 0x{map.Size:x} bytes more pass RLIMIT_MEMLOCK ({caller.Limits.MemlockLimitBytes} bytes, {caller.Locked.Bytes} locked) and the process lacks CAP_IPC_LOCK; raise the limit (ulimit -l)");
        }

        if (memory.Length < map.Size)
        {
            if (pages != 0) caller.Locked.Release(pages);
            ulong reached = memory.Length;
            memory.Dispose();
            return Unpinnable(in map, reached);
        }

        ulong[]? bitmap = null;
        if (_tracksDirty && map.Size / pageSize > MostDirtyPages)
        {
            caller.Locked.Release(pages);
            memory.Dispose();
            return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: size 0x{map.Size:x} is more than {MostDirtyPages} pages, the most that dirty tracking can count");
        }

        if (_tracksDirty) bitmap = DirtyBits.Allocate(map.Size / pageSize);
        _domain.Mappings.Insert(new DmaMapping
        {
            Domain = _domain,
            Start = map.Iova,
            Size = map.Size,
            Access = (DmaAccess)(map.Flags & (VfioDmaMapFlags.Read | VfioDmaMapFlags.Write)),
            Memory = memory,
            Vaddr = map.Vaddr,
            Owner = caller,
            LockedPages = pages,
            DirtyBitmap = bitmap,
        });
        _entriesLeft--;
        return KernelResult.Success;
    }

    private static KernelResult Unpinnable(in VfioIommuType1DmaMap map, ulong reached) => KernelResult.Fail(
        Errno.EFAULT,
        $"MAP_DMA: no {((map.Flags & VfioDmaMapFlags.Write) != 0 ? "writable" : "readable")} memory of the caller at vaddr 0x{unchecked(map.Vaddr + reached):x} (of 0x{map.Vaddr:x}+0x{map.Size:x})");

    // vfio_dma_do_map with VFIO_DMA_MAP_FLAG_VADDR: a mapping that lost its address gets a new one.
    private KernelResult UpdateVaddr(Caller caller, in VfioIommuType1DmaMap map, DmaMapping? there)
    {
        if (there is null) return KernelResult.Fail(Errno.ENOENT, $"MAP_DMA(VADDR): nothing is mapped at iova 0x{map.Iova:x}+0x{map.Size:x}");
        if (!there.VaddrInvalid) return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA(VADDR): the mapping 0x{there.Start:x}+0x{there.Size:x} still has its vaddr; UNMAP_DMA(VADDR) comes first");
        if (there.Start != map.Iova || there.Size != map.Size)
        {
            return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA(VADDR): iova 0x{map.Iova:x}+0x{map.Size:x} is not exactly the mapping 0x{there.Start:x}+0x{there.Size:x}");
        }

        // vfio_change_dma_owner: the new process pays.
        if (there.Owner != caller)
        {
            if (!caller.Locked.TryCharge(there.LockedPages, caller.Limits))
            {
                return KernelResult.Fail(Errno.ENOMEM, $"MAP_DMA(VADDR): {there.LockedPages} pages pass RLIMIT_MEMLOCK ({caller.Limits.MemlockLimitBytes} bytes) of the process that takes the mapping over");
            }

            there.Owner.Locked.Release(there.LockedPages);
            there.Owner = caller;
        }

        there.Vaddr = map.Vaddr;
        there.VaddrInvalid = false;
        _invalidVaddrCount--;
        return KernelResult.Success;
    }

    // vfio_iommu_iova_dma_valid
    private bool IsValid(ulong start, ulong last)
    {
        foreach (IovaRange range in _validRanges)
        {
            if (start >= range.Start && last <= range.Last) return true;
        }

        return _validRanges.Count == 0;
    }

    private string DescribeRanges() => string.Join(", ", _validRanges.Select(range => $"0x{range.Start:x}-0x{range.Last:x}"));
}
