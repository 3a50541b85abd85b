// SPDX-License-Identifier: MIT
using System.Numerics;
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Type1;

/// <summary>UNMAP_DMA.</summary>
internal sealed partial class Type1Driver
{
    // vfio_iommu_type1_unmap_dma
    private KernelResult UnmapDma(Caller caller, ulong argument)
    {
        const uint Known = VfioDmaUnmapFlags.GetDirtyBitmap | VfioDmaUnmapFlags.Vaddr | VfioDmaUnmapFlags.All;
        VfioIommuType1DmaUnmap unmap = default;
        VfioBitmap bitmap = default;
        int size = Unsafe.SizeOf<VfioIommuType1DmaUnmap>();
        if (!UserMemory.TryRead(caller, argument, ref unmap)) return UserMemory.Fault("UNMAP_DMA", argument, size);
        if (unmap.Argsz < size) return UserMemory.ShortArgument("UNMAP_DMA", unmap.Argsz, size);
        if ((unmap.Flags & ~Known) != 0) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: flags 0x{unmap.Flags:x} has unknown bits; 0x{Known:x} are known");
        bool getDirty = (unmap.Flags & VfioDmaUnmapFlags.GetDirtyBitmap) != 0;
        if (getDirty && unmap.Flags != VfioDmaUnmapFlags.GetDirtyBitmap)
        {
            return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: flags 0x{unmap.Flags:x} combine GET_DIRTY_BITMAP with ALL or VADDR");
        }

        if (getDirty)
        {
            int whole = size + Unsafe.SizeOf<VfioBitmap>();
            if (unmap.Argsz < whole) return UserMemory.ShortArgument("UNMAP_DMA with a bitmap", unmap.Argsz, whole);
            ulong at = unchecked(argument + (ulong)size);
            if (!UserMemory.TryRead(caller, at, ref bitmap)) return UserMemory.Fault("UNMAP_DMA", at, Unsafe.SizeOf<VfioBitmap>());
            KernelResult fits = CheckBitmap("UNMAP_DMA", caller, in bitmap, unmap.Size);
            if (fits.IsError) return fits;
        }

        KernelResult result = Unmap(caller, in unmap, in bitmap, out ulong unmapped);
        if (result.IsError) return result;
        unmap.Size = unmapped;
        return UserMemory.TryWrite(caller, argument, in unmap) ? result : UserMemory.Fault("UNMAP_DMA", argument, size);
    }

    // vfio_dma_do_unmap
    private KernelResult Unmap(Caller caller, in VfioIommuType1DmaUnmap unmap, in VfioBitmap bitmap, out ulong unmapped)
    {
        unmapped = 0;
        List<DmaMapping>? removed = null;
        DmaMapping? single = null;
        KernelResult result;
        using (_domain.Lock.EnterScope())
        {
            result = CheckUnmap(in unmap, in bitmap, out ulong last);
            if (!result.IsError)
            {
                result = (unmap.Flags & VfioDmaUnmapFlags.Vaddr) != 0
                    ? InvalidateVaddr(unmap.Iova, last, out unmapped)
                    : Remove(caller, in unmap, in bitmap, last, out unmapped, out single, out removed);
            }
        }

        // Memory is let go only when no access of a device can reach it any more.
        if (removed is not null) Unpin(removed);
        else if (single is not null) Unpin(single);
        return result;
    }

    private KernelResult CheckUnmap(in VfioIommuType1DmaUnmap unmap, in VfioBitmap bitmap, out ulong last)
    {
        ulong pageSize = MinPageSize, mask = pageSize - 1;
        bool all = (unmap.Flags & VfioDmaUnmapFlags.All) != 0;
        last = ulong.MaxValue;
        if ((unmap.Iova & mask) != 0) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: iova 0x{unmap.Iova:x} is not a multiple of the IOMMU's 0x{pageSize:x}-byte pages");
        if (all)
        {
            if (unmap.Iova != 0 || unmap.Size != 0) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA(ALL): iova 0x{unmap.Iova:x} and size 0x{unmap.Size:x} must both be 0");
        }
        else
        {
            if (unmap.Size == 0 || (unmap.Size & mask) != 0) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: size 0x{unmap.Size:x} is 0 or not a multiple of the IOMMU's 0x{pageSize:x}-byte pages");
            if (unmap.Iova > ulong.MaxValue - (unmap.Size - 1)) return KernelResult.Fail(Errno.EOVERFLOW, $"UNMAP_DMA: iova 0x{unmap.Iova:x} + size 0x{unmap.Size:x} passes the end of the address space");
            last = unmap.Iova + (unmap.Size - 1);
        }

        if ((unmap.Flags & VfioDmaUnmapFlags.GetDirtyBitmap) != 0)
        {
            if (!_tracksDirty) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: flags 0x{unmap.Flags:x} ask for a dirty bitmap, and dirty tracking is off; DIRTY_PAGES START comes first");
            if (bitmap.Pgsize != pageSize) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: bitmap page size 0x{bitmap.Pgsize:x} is not the IOMMU's smallest, 0x{pageSize:x}");
        }

        if (!_isV2 || all) return KernelResult.Success;

        // Version 2 refuses to cut a mapping.
        DmaMapping? cut = _domain.Mappings.FindOverlap(unmap.Iova, unmap.Iova);
        if (cut is null || cut.Start == unmap.Iova)
        {
            cut = _domain.Mappings.FindOverlap(last, last);
            if (cut is null || cut.Last == last) return KernelResult.Success;
        }

        return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: 0x{unmap.Iova:x}+0x{unmap.Size:x} would cut the mapping 0x{cut.Start:x}+0x{cut.Size:x}; unmap it whole");
    }

    private KernelResult Remove(Caller caller, in VfioIommuType1DmaUnmap unmap, in VfioBitmap bitmap, ulong last, out ulong unmapped, out DmaMapping? single, out List<DmaMapping>? removed)
    {
        unmapped = 0;
        single = null;
        removed = null;
        DmaMapping? mapping = _domain.Mappings.FirstEndingAtOrAfter(unmap.Iova);
        while (mapping is not null && mapping.Start <= last)
        {
            // Version 1 lets a request that begins inside a mapping succeed with nothing unmapped.
            if (!_isV2 && unmap.Iova > mapping.Start) break;
            if ((unmap.Flags & VfioDmaUnmapFlags.GetDirtyBitmap) != 0)
            {
                KernelResult reported = ReportDirty(caller, mapping, bitmap.Data, unmap.Iova);
                if (reported.IsError) return reported;
            }

            unmapped += mapping.Size;
            DmaMapping? next = _domain.Mappings.Next(mapping);
            Unlink(mapping);
            if (single is null) single = mapping;
            else (removed ??= [single]).Add(mapping);
            mapping = next;
        }

        return KernelResult.Success;
    }

    // vfio_dma_do_unmap with VFIO_DMA_UNMAP_FLAG_VADDR: translations stay, addresses are to be given anew.
    private KernelResult InvalidateVaddr(ulong start, ulong last, out ulong unmapped)
    {
        unmapped = 0;
        DmaMapping? first = _domain.Mappings.FirstEndingAtOrAfter(start);
        for (DmaMapping? mapping = first; mapping is not null && mapping.Start <= last; mapping = _domain.Mappings.Next(mapping))
        {
            if (!_isV2 && start > mapping.Start) break;
            if (mapping.VaddrInvalid)
            {
                for (DmaMapping undo = first!; undo != mapping; undo = _domain.Mappings.Next(undo)!)
                {
                    undo.VaddrInvalid = false;
                    _invalidVaddrCount--;
                }

                unmapped = 0;
                return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA(VADDR): the mapping 0x{mapping.Start:x}+0x{mapping.Size:x} has lost its vaddr already");
            }

            mapping.VaddrInvalid = true;
            _invalidVaddrCount++;
            unmapped += mapping.Size;
        }

        return KernelResult.Success;
    }

    // vfio_remove_dma, what is done under the lock
    private void Unlink(DmaMapping mapping)
    {
        mapping.Kill();
        _domain.Mappings.Remove(mapping);
        if (mapping.VaddrInvalid) _invalidVaddrCount--;
        _entriesLeft++;
    }

    private void Unpin(DmaMapping mapping)
    {
        _domain.WaitForAccesses();
        LetGo(mapping);
    }

    private void Unpin(List<DmaMapping> removed)
    {
        if (removed.Count == 0) return;
        _domain.WaitForAccesses();
        foreach (DmaMapping mapping in removed) LetGo(mapping);
    }

    private static void LetGo(DmaMapping mapping)
    {
        mapping.Memory.Dispose();
        if (mapping.LockedPages != 0) mapping.Owner.Locked.Release(mapping.LockedPages);
    }

    // verify_bitmap_size; access_ok comes before it.
    private static KernelResult CheckBitmap(string call, Caller caller, in VfioBitmap bitmap, ulong size)
    {
        ulong limit = caller.Memory.AddressLimit;
        if (bitmap.Size > limit || bitmap.Data > limit - bitmap.Size) return KernelResult.Fail(Errno.EINVAL, $"{call}: the bitmap 0x{bitmap.Data:x}+0x{bitmap.Size:x} is outside user space");
        ulong pages = bitmap.Pgsize == 0 ? 0 : size >> BitOperations.TrailingZeroCount(bitmap.Pgsize);
        if (pages == 0 || bitmap.Size == 0 || bitmap.Size > DirtyBits.LargestBytes || bitmap.Size < DirtyBits.BytesFor(pages))
        {
            return KernelResult.Fail(Errno.EINVAL, $"{call}: a bitmap of {bitmap.Size} bytes does not serve 0x{size:x} bytes in pages of 0x{bitmap.Pgsize:x}; it takes {DirtyBits.BytesFor(pages)}, at most {DirtyBits.LargestBytes}");
        }

        return KernelResult.Success;
    }
}
