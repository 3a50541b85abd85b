// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>MAP_DMA and UNMAP_DMA.</summary>
internal sealed partial class SpaprTceDriver
{
    private KernelResult MapDma(Caller caller, ulong argument)
    {
        const uint Known = VfioDmaMapFlags.Read | VfioDmaMapFlags.Write;
        if (!_enabled) return NotEnabled("MAP_DMA");
        VfioIommuType1DmaMap map = default;
        int size = Unsafe.SizeOf<VfioIommuType1DmaMap>();
        if (!UserMemory.TryRead(caller, argument, ref map)) return UserMemory.Fault("MAP_DMA", argument, size);
        if (map.Argsz < size) return UserMemory.ShortArgument("MAP_DMA", map.Argsz, size);
        if ((map.Flags & ~Known) != 0) return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: flags 0x{map.Flags:x} has unknown bits; 0x{Known:x} are known");
        KernelResult ready = CreateDefaultWindow(caller);
        if (ready.IsError) return ready;
        int slot = FindWindow(map.Iova);
        if (slot < 0) return KernelResult.Fail(Errno.ENXIO, $"MAP_DMA: iova 0x{map.Iova:x} is in no window ({DescribeWindows()})");
        IommuTable table = _tables[slot]!;
        ulong mask = table.PageSize - 1;
        if (((map.Size | map.Vaddr) & mask) != 0)
        {
            return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: vaddr 0x{map.Vaddr:x} and size 0x{map.Size:x} are not both multiples of the window's 0x{table.PageSize:x}-byte pages");
        }

        if (map.Flags == 0) return KernelResult.Fail(Errno.EINVAL, "MAP_DMA: flags 0 give the device neither READ nor WRITE");
        if ((map.Iova & mask) != 0) return Misaligned("MAP_DMA", $"iova 0x{map.Iova:x} is no multiple of the window's 0x{table.PageSize:x}-byte pages");

        // The kernel looks at the first page only, and then writes past the table's end: see docs/power.md.
        ulong entry = map.Iova >> table.PageShift, pages = map.Size >> table.PageShift;
        ulong room = table.Entries - (entry - table.FirstEntry);
        if (pages > room && (_isV2 || !table.ChecksEntries))
        {
            return KernelResult.Fail(
                Errno.EINVAL,
                $"MAP_DMA: iova 0x{map.Iova:x}+0x{map.Size:x} passes the end of its window at 0x{table.Start + (table.Entries << table.PageShift):x}; Linux would write past its table here, this host refuses");
        }

        var permissions = (TcePermission)map.Flags;
        return _isV2 ? BuildRegistered(table, entry, map.Vaddr, pages, permissions) : BuildPinned(caller, table, entry, map.Vaddr, pages, permissions);
    }

    private KernelResult UnmapDma(Caller caller, ulong argument)
    {
        if (!_enabled) return NotEnabled("UNMAP_DMA");
        VfioIommuType1DmaUnmap unmap = default;
        int size = Unsafe.SizeOf<VfioIommuType1DmaUnmap>();
        if (!UserMemory.TryRead(caller, argument, ref unmap)) return UserMemory.Fault("UNMAP_DMA", argument, size);
        if (unmap.Argsz < size) return UserMemory.ShortArgument("UNMAP_DMA", unmap.Argsz, size);
        if (unmap.Flags != 0) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: flags 0x{unmap.Flags:x}, and sPAPR TCE knows none");
        KernelResult ready = CreateDefaultWindow(caller);
        if (ready.IsError) return ready;
        int slot = FindWindow(unmap.Iova);
        if (slot < 0) return KernelResult.Fail(Errno.ENXIO, $"UNMAP_DMA: iova 0x{unmap.Iova:x} is in no window ({DescribeWindows()})");
        IommuTable table = _tables[slot]!;
        ulong mask = table.PageSize - 1;
        if ((unmap.Size & mask) != 0) return KernelResult.Fail(Errno.EINVAL, $"UNMAP_DMA: size 0x{unmap.Size:x} is no multiple of the window's 0x{table.PageSize:x}-byte pages");

        // iommu_tce_clear_param_check
        ulong entry = unmap.Iova >> table.PageShift, pages = unmap.Size >> table.PageShift;
        if ((unmap.Iova & mask) != 0) return Misaligned("UNMAP_DMA", $"iova 0x{unmap.Iova:x} is no multiple of the window's 0x{table.PageSize:x}-byte pages");
        if (pages > table.Entries - (entry - table.FirstEntry)) return Misaligned("UNMAP_DMA", $"iova 0x{unmap.Iova:x}+0x{unmap.Size:x} passes the end of its window at 0x{table.Start + (table.Entries << table.PageShift):x}");
        Clear(table, entry, pages);
        return KernelResult.Success;
    }

    private KernelResult NotEnabled(string call) => KernelResult.Fail(Errno.EPERM, _isV2
        ? $"{call}: nothing was registered yet; IOMMU_SPAPR_REGISTER_MEMORY comes first"
        : $"{call}: the container is not enabled; IOMMU_ENABLE comes first");

    // asm/iommu.h: iommu_tce_put_param_check and iommu_tce_clear_param_check join errors by ||, which makes them 1.
    private KernelResult Misaligned(string call, string reason) => _kernel.Copies(Fidelity.BadTceRangeReturnsOne)
        ? KernelResult.Odd(1, $"{call}: {reason}; nothing was done")
        : KernelResult.Fail(Errno.EINVAL, $"{call}: {reason}");

    // tce_iommu_build: each entry pins its page.
    private KernelResult BuildPinned(Caller caller, IommuTable table, ulong entry, ulong vaddr, ulong pages, TcePermission permissions)
    {
        if (pages == 0) return KernelResult.Success;
        ulong systemMask = (ulong)_kernel.PageSize - 1;
        ulong start = vaddr & ~systemMask, end = (vaddr + (pages << table.PageShift) + systemMask) & ~systemMask;

        // tce_iommu_use_page asks for write access by the low bits of the address, which are always clear here.
        bool forWriting = _kernel.Copies(Fidelity.Version1PinsForWriting) || (permissions & TcePermission.Write) != 0;
        IPinnedMemory? memory = end > start ? caller.Memory.Pin(start, end - start, forWriting) : null;
        PinnedRange? range = memory is null ? null : _kernel.Memory.TryPlace(memory);
        KernelResult result = KernelResult.Success;
        List<PinnedRange>? unpinned = null;
        ulong done = 0;

        // Keeps the range while entries come and go below.
        range?.Hold();
        for (; done < pages; done++)
        {
            ulong at = vaddr + (done << table.PageShift);
            if (range is null || at - start >= memory!.PageBackedLength)
            {
                result = KernelResult.Fail(Errno.EFAULT, $"MAP_DMA: no {(forWriting ? "writable" : "readable")} memory of the caller at vaddr 0x{at:x} (of 0x{vaddr:x}+0x{pages << table.PageShift:x})");
                break;
            }

            ulong physical = range.Start + (at - start);
            TcePermission exchanged = permissions;
            result = table.Exchange(entry + done, ref physical, ref exchanged);
            if (result.IsError) break;
            range.Hold();
            if (exchanged != TcePermission.None) Unpin(physical, ref unpinned);
        }

        // What this call overwrote before it failed is not put back.
        if (result.IsError) ClearPinned(table, entry, done, ref unpinned);
        if (range is not null && range.Release()) (unpinned ??= []).Add(range);
        else if (range is null) memory?.Dispose();
        Finish(table, unpinned);
        return result;
    }

    // tce_iommu_build_v2: each entry points into registered memory.
    private KernelResult BuildRegistered(IommuTable table, ulong entry, ulong vaddr, ulong pages, TcePermission permissions)
    {
        KernelResult result = KernelResult.Success;
        RegisteredMemory? region = null;
        RegisteredMemory? oldRegion = null;
        ulong done = 0;
        for (; done < pages; done++)
        {
            ulong at = unchecked(vaddr + (done << table.PageShift));
            if (region is null || !region.Contains(at, table.PageSize)) region = _owner!.Registered.Lookup(at, table.PageSize);
            result = CheckRegistered(table, region, at);
            if (result.IsError || !region!.TryHold()) break;
            ulong index = entry + done - table.FirstEntry, physical = region.Physical(at);
            TcePermission exchanged = permissions;
            result = table.UserAddresses!.TryExchange(index, at, out ulong oldAddress)
                ? table.Exchange(entry + done, ref physical, ref exchanged)
                : KernelResult.Fail(Errno.ENOMEM, $"MAP_DMA: no memory for a level of the window's table at iova 0x{(entry + done) << table.PageShift:x}");
            if (result.IsError)
            {
                _ = table.UserAddresses.TryPut(index, oldAddress);
                region.Drop();
                break;
            }

            if (exchanged != TcePermission.None) Drop(table, oldAddress, ref oldRegion);
        }

        if (result.IsError) ClearRegistered(table, entry, done);
        table.Kill();
        return result;
    }

    private KernelResult CheckRegistered(IommuTable table, RegisteredMemory? region, ulong address)
    {
        if (region is null) return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: vaddr 0x{address:x}+0x{table.PageSize:x} is not inside one region of registered memory");
        if (table.PageShift > region.PageShift)
        {
            return KernelResult.Fail(Errno.EINVAL, $"MAP_DMA: the window's pages of 0x{table.PageSize:x} bytes are larger than the 0x{1UL << region.PageShift:x} that the memory registered at 0x{region.UserAddress:x} can serve; huge pages behind it, or a window of smaller pages, would do");
        }

        // tce_page_is_contained
        int backing = region.Range.Memory.IsHugeAt(address - region.UserAddress) ? SpaprKernel.HugePageShift : _kernel.PageShift;
        return backing >= table.PageShift
            ? KernelResult.Success
            : KernelResult.Fail(Errno.EPERM, $"MAP_DMA: the page behind vaddr 0x{address:x} has 0x{1UL << backing:x} bytes, the window's pages 0x{table.PageSize:x}: the device could reach what is not the caller's");
    }

    // tce_iommu_clear
    private void Clear(IommuTable table, ulong entry, ulong pages)
    {
        if (_isV2)
        {
            ClearRegistered(table, entry, pages);
            table.Kill();
        }
        else
        {
            List<PinnedRange>? unpinned = null;
            ClearPinned(table, entry, pages, ref unpinned);
            Finish(table, unpinned);
        }

        _kernel.Trace.Record(TceEventKind.EntriesCleared, table.Groups.Count == 0 ? "" : table.Groups[0].Name, entry << table.PageShift, pages);
    }

    private void ClearPinned(IommuTable table, ulong entry, ulong pages, ref List<PinnedRange>? unpinned)
    {
        ulong index = entry - table.FirstEntry, end = index + pages;
        for (; table.TryNext(ref index, end); index++)
        {
            ulong physical = 0;
            TcePermission exchanged = TcePermission.None;
            if (table.Exchange(index + table.FirstEntry, ref physical, ref exchanged).IsError || exchanged == TcePermission.None) continue;
            Unpin(physical, ref unpinned);
        }
    }

    private void ClearRegistered(IommuTable table, ulong entry, ulong pages)
    {
        RegisteredMemory? last = null;
        ulong index = entry - table.FirstEntry, end = index + pages;
        for (; table.TryNext(ref index, end); index++)
        {
            ulong physical = 0;
            TcePermission exchanged = TcePermission.None;
            if (table.Exchange(index + table.FirstEntry, ref physical, ref exchanged).IsError || exchanged == TcePermission.None) continue;
            _ = table.UserAddresses!.TryExchange(index, 0, out ulong address);
            Drop(table, address, ref last);
        }
    }

    // tce_iommu_unuse_page
    private void Unpin(ulong physical, ref List<PinnedRange>? unpinned)
    {
        if (_kernel.Memory.Find(physical) is { } range && range.Release()) (unpinned ??= []).Add(range);
    }

    // tce_iommu_unuse_page_v2: by the user's address, whatever is registered there by now; mm_iommu_ua_to_hpa.
    private void Drop(IommuTable table, ulong address, ref RegisteredMemory? last)
    {
        if (last is null || !last.Contains(address, table.PageSize)) last = _owner!.Registered.Lookup(address, table.PageSize);
        if (last is not null && table.PageShift <= last.PageShift) last.Drop();
    }

    // Memory goes back once no access under way can still use it.
    private void Finish(IommuTable table, List<PinnedRange>? unpinned)
    {
        table.Kill();
        if (unpinned is null) return;
        foreach (PinnedRange range in unpinned)
        {
            range.Free();
        }
    }
}
