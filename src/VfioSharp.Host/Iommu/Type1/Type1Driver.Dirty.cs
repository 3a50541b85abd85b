// SPDX-License-Identifier: MIT
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Type1;

/// <summary>DIRTY_PAGES: no device of ours reports what it wrote, so every mapped page counts as dirty, as in the kernel.</summary>
internal sealed partial class Type1Driver
{
    // vfio_iommu_type1_dirty_pages
    private KernelResult DirtyPages(Caller caller, ulong argument)
    {
        const uint Known = VfioIommuDirtyPagesFlags.Start | VfioIommuDirtyPagesFlags.Stop | VfioIommuDirtyPagesFlags.GetBitmap;
        if (!_isV2) return KernelResult.Fail(Errno.EACCES, "DIRTY_PAGES: the container is Type1 version 1 (SET_IOMMU 1); version 2 (3) has dirty tracking");
        VfioIommuType1DirtyBitmap dirty = default;
        int size = Unsafe.SizeOf<VfioIommuType1DirtyBitmap>();
        if (!UserMemory.TryRead(caller, argument, ref dirty)) return UserMemory.Fault("DIRTY_PAGES", argument, size);
        if (dirty.Argsz < size) return UserMemory.ShortArgument("DIRTY_PAGES", dirty.Argsz, size);
        if ((dirty.Flags & ~Known) != 0 || !BitOperations.IsPow2(dirty.Flags))
        {
            return KernelResult.Fail(Errno.EINVAL, $"DIRTY_PAGES: flags 0x{dirty.Flags:x} are not exactly one of START (1), STOP (2) and GET_BITMAP (4)");
        }

        return dirty.Flags switch
        {
            VfioIommuDirtyPagesFlags.Start => StartTracking(),
            VfioIommuDirtyPagesFlags.Stop => StopTracking(),
            _ => GetBitmap(caller, argument, dirty.Argsz - (uint)size),
        };
    }

    private KernelResult StartTracking()
    {
        using (_domain.Lock.EnterScope())
        {
            if (_tracksDirty) return KernelResult.Success;
            ulong pageSize = MinPageSize;
            for (DmaMapping? mapping = _domain.Mappings.FirstEndingAtOrAfter(0); mapping is not null; mapping = _domain.Mappings.Next(mapping))
            {
                ulong pages = mapping.Size / pageSize;
                if (pages > MostDirtyPages)
                {
                    FreeBitmaps();
                    return KernelResult.Fail(Errno.EINVAL, $"DIRTY_PAGES START: the mapping 0x{mapping.Start:x}+0x{mapping.Size:x} has {pages} pages, more than the {MostDirtyPages} that can be tracked");
                }

                mapping.DirtyBitmap = DirtyBits.Allocate(pages);
            }

            _tracksDirty = true;
            return KernelResult.Success;
        }
    }

    private KernelResult StopTracking()
    {
        using (_domain.Lock.EnterScope())
        {
            if (_tracksDirty) FreeBitmaps();
            _tracksDirty = false;
            return KernelResult.Success;
        }
    }

    private void FreeBitmaps()
    {
        for (DmaMapping? mapping = _domain.Mappings.FirstEndingAtOrAfter(0); mapping is not null; mapping = _domain.Mappings.Next(mapping)) mapping.DirtyBitmap = null;
    }

    private KernelResult GetBitmap(Caller caller, ulong argument, uint room)
    {
        VfioIommuType1DirtyBitmapGet range = default;
        int size = Unsafe.SizeOf<VfioIommuType1DirtyBitmapGet>();
        if (room < size) return UserMemory.ShortArgument("DIRTY_PAGES GET_BITMAP (after the header)", room, size);
        ulong at = unchecked(argument + (ulong)Unsafe.SizeOf<VfioIommuType1DirtyBitmap>());
        if (!UserMemory.TryRead(caller, at, ref range)) return UserMemory.Fault("DIRTY_PAGES GET_BITMAP", at, size);
        if (range.Size == 0) return KernelResult.Fail(Errno.EINVAL, $"DIRTY_PAGES GET_BITMAP: size 0 at iova 0x{range.Iova:x}");
        if (range.Iova > ulong.MaxValue - (range.Size - 1)) return KernelResult.Fail(Errno.EOVERFLOW, $"DIRTY_PAGES GET_BITMAP: iova 0x{range.Iova:x} + size 0x{range.Size:x} passes the end of the address space");
        KernelResult fits = CheckBitmap("DIRTY_PAGES GET_BITMAP", caller, in range.Bitmap, range.Size);
        if (fits.IsError) return fits;
        using (_domain.Lock.EnterScope()) return ReportRange(caller, in range);
    }

    // vfio_iova_dirty_bitmap
    private KernelResult ReportRange(Caller caller, in VfioIommuType1DirtyBitmapGet range)
    {
        ulong pageSize = MinPageSize, mask = pageSize - 1, last = range.Iova + (range.Size - 1);
        if (range.Bitmap.Pgsize != pageSize) return KernelResult.Fail(Errno.EINVAL, $"DIRTY_PAGES GET_BITMAP: bitmap page size 0x{range.Bitmap.Pgsize:x} is not the IOMMU's smallest, 0x{pageSize:x}");
        if (((range.Iova | range.Size) & mask) != 0) return KernelResult.Fail(Errno.EINVAL, $"DIRTY_PAGES GET_BITMAP: iova 0x{range.Iova:x} and size 0x{range.Size:x} are not both multiples of 0x{pageSize:x}");
        if (!_tracksDirty) return KernelResult.Fail(Errno.EINVAL, $"DIRTY_PAGES GET_BITMAP: dirty tracking is off for iova 0x{range.Iova:x}+0x{range.Size:x}; START comes first");
        DmaMapping? cut = _domain.Mappings.FindOverlap(range.Iova, range.Iova);
        if (cut is null || cut.Start == range.Iova)
        {
            cut = _domain.Mappings.FindOverlap(last, last);
            if (cut is not null && cut.Last == last) cut = null;
        }

        if (cut is not null) return KernelResult.Fail(Errno.EINVAL, $"DIRTY_PAGES GET_BITMAP: 0x{range.Iova:x}+0x{range.Size:x} would cut the mapping 0x{cut.Start:x}+0x{cut.Size:x}; ask for it whole");
        for (DmaMapping? mapping = _domain.Mappings.FirstEndingAtOrAfter(range.Iova); mapping is not null && mapping.Start <= last; mapping = _domain.Mappings.Next(mapping))
        {
            KernelResult reported = ReportDirty(caller, mapping, range.Bitmap.Data, range.Iova);
            if (reported.IsError) return reported;

            // Only the mapping's own bits are cleared: what a shift pushed beyond them shows again next time.
            DirtyBits.ClearFirst(mapping.DirtyBitmap!, mapping.Size / pageSize);
        }

        return KernelResult.Success;
    }

    // update_user_bitmap: the stored bitmap itself is shifted to where its bits belong in the caller's.
    private KernelResult ReportDirty(Caller caller, DmaMapping mapping, ulong bitmapAddress, ulong baseIova)
    {
        ulong[] bits = mapping.DirtyBitmap!;
        int pageShift = BitOperations.TrailingZeroCount(_pageSizes);
        ulong pages = mapping.Size >> pageShift;
        ulong at = (mapping.Start - baseIova) >> pageShift;
        int shift = (int)(at % 64);
        ulong address = unchecked(bitmapAddress + (at / 64 * 8));
        if ((_fidelity & Fidelity.DirtyBitmapKeepsShiftedBits) == 0) bits = DirtyBits.Allocate(pages);
        DirtyBits.SetFirst(bits, pages);
        if (shift != 0)
        {
            DirtyBits.ShiftLeft(bits, shift, pages + (ulong)shift);
            ulong leftover = 0;
            if (!UserMemory.TryRead(caller, address, ref leftover)) return UserMemory.Fault("dirty bitmap", address, sizeof(ulong));
            bits[0] |= leftover;
        }

        int bytes = (int)DirtyBits.BytesFor(pages + (ulong)shift);
        return caller.Memory.TryWrite(address, MemoryMarshal.AsBytes(bits.AsSpan())[..bytes])
            ? KernelResult.Success
            : UserMemory.Fault("dirty bitmap", address, bytes);
    }
}
