// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>SPAPR_TCE_CREATE and SPAPR_TCE_REMOVE, and the default window that the first use makes.</summary>
internal sealed partial class SpaprTceDriver
{
    // IOMMU_PAGE_SHIFT_4K: the default window's pages.
    private const uint DefaultPageShift = 12;

    private KernelResult CreateWindow(Caller caller, ulong argument)
    {
        BindTo(caller);
        if (_groups.Count == 0) return NoGroup(Errno.ENXIO, "SPAPR_TCE_CREATE");
        VfioIommuSpaprTceCreate create = default;
        int size = Unsafe.SizeOf<VfioIommuSpaprTceCreate>();
        if (!UserMemory.TryRead(caller, argument, ref create)) return UserMemory.Fault("SPAPR_TCE_CREATE", argument, size);
        if (create.Argsz < size) return UserMemory.ShortArgument("SPAPR_TCE_CREATE", create.Argsz, size);
        if (create.Flags != 0) return KernelResult.Fail(Errno.EINVAL, $"SPAPR_TCE_CREATE: flags 0x{create.Flags:x}, and none are known");
        KernelResult result = CreateDefaultWindow(caller);
        if (!result.IsError) result = MakeWindow(caller, "SPAPR_TCE_CREATE", create.PageShift, create.WindowSize, create.Levels, out create.StartAddr);
        if (result.IsError) return result;
        return UserMemory.TryWrite(caller, argument, in create) ? result : UserMemory.Fault("SPAPR_TCE_CREATE", argument, size);
    }

    // tce_iommu_create_default_window
    private KernelResult CreateDefaultWindow(Caller caller)
    {
        if (!_defaultWindowPending) return KernelResult.Success;
        if (_groups.Count == 0) return NoGroup(Errno.ENODEV, "making the default window");
        KernelResult result = MakeWindow(caller, "making the default window", DefaultPageShift, TableGroup(_groups[0]).Tce32Size, levels: 1, out _);
        if (!result.IsError) _defaultWindowPending = false;
        return result;
    }

    // tce_iommu_create_window
    private KernelResult MakeWindow(Caller caller, string call, uint pageShift, ulong windowSize, uint levels, out ulong start)
    {
        start = 0;
        int slot = Array.IndexOf(_tables, null);
        if (slot < 0) return KernelResult.Fail(Errno.ENOSPC, $"{call}: both windows exist ({DescribeWindows()}); remove one first");

        // Groups have the same way to make tables: that was checked when they joined. The newest one's is taken.
        IommuTableGroup first = TableGroup(_groups[0]);

        if (pageShift >= 64 || (first.PageSizesOf(_kernel) & (1UL << (int)pageShift)) == 0)
        {
            return KernelResult.Fail(Errno.EINVAL, $"{call}: page_shift {pageShift} is not among the page sizes 0x{first.PageSizesOf(_kernel):x} of endpoint {first.Name}");
        }

        KernelResult made = CreateTable(caller, call, first, slot, pageShift, windowSize, levels, out IommuTable? table);
        if (made.IsError) return made;
        foreach (IommuGroup group in _groups)
        {
            KernelResult set = TableGroup(group).SetWindow(slot, table!);
            if (!set.IsError) continue;
            foreach (IommuGroup other in _groups) TableGroup(other).UnsetWindow(slot);
            FreeTable(table!);
            return set;
        }

        _tables[slot] = table;
        start = table!.Start;
        return KernelResult.Success;
    }

    // tce_iommu_create_table
    private KernelResult CreateTable(
        Caller caller, string call, IommuTableGroup group, int slot, uint pageShift, ulong windowSize, uint levels, out IommuTable? table)
    {
        table = null;
        ulong size = levels > Math.Max(1, group.MaxLevels) && !_kernel.Copies(Fidelity.ManyLevelsCostFourGigabytes) ? 0 : group.GetTableSize(pageShift, windowSize, levels);
        if (size == 0) return KernelResult.Fail(Errno.EINVAL, $"{call}: no table has {levels} level(s) for a window of 0x{windowSize:x} bytes in pages of 2^{pageShift}: 1 to {group.MaxLevels} level(s), a power of two in size");
        long pages = (long)(size / (ulong)_kernel.PageSize);
        if (!caller.Locked.TryCharge(pages, caller.Limits)) return OverLimit(caller, call, $"the window's table of 0x{size:x} bytes counts as locked memory:", pages);
        KernelResult made = group.CreateTable(_kernel, slot, pageShift, windowSize, levels, out table);
        if (!made.IsError)
        {
            _kernel.Trace.Record(TceEventKind.TableCreated, group.Name, table!.Start, table.Entries);
        }
        else if (!_kernel.Copies(Fidelity.FailedCreateKeepsCharge))
        {
            caller.Locked.Release(pages);
        }

        return made;
    }

    // tce_iommu_free_table
    private void FreeTable(IommuTable table)
    {
        long pages = (long)(table.AllocatedSize / (ulong)_kernel.PageSize);
        table.Release();
        _owner!.Locked.Release(pages);
    }

    // tce_iommu_remove_window
    private KernelResult RemoveWindow(Caller caller, ulong argument)
    {
        BindTo(caller);
        if (_groups.Count == 0) return NoGroup(Errno.ENXIO, "SPAPR_TCE_REMOVE");
        VfioIommuSpaprTceRemove remove = default;
        int size = Unsafe.SizeOf<VfioIommuSpaprTceRemove>();
        if (!UserMemory.TryRead(caller, argument, ref remove)) return UserMemory.Fault("SPAPR_TCE_REMOVE", argument, size);
        if (remove.Argsz < size) return UserMemory.ShortArgument("SPAPR_TCE_REMOVE", remove.Argsz, size);
        if (remove.Flags != 0) return KernelResult.Fail(Errno.EINVAL, $"SPAPR_TCE_REMOVE: flags 0x{remove.Flags:x}, and none are known");
        if (_defaultWindowPending && remove.StartAddr == 0)
        {
            _defaultWindowPending = false;
            return KernelResult.Success;
        }

        // Any address inside a window names it.
        int slot = FindWindow(remove.StartAddr);
        if (slot < 0) return KernelResult.Fail(Errno.EINVAL, $"SPAPR_TCE_REMOVE: 0x{remove.StartAddr:x} is in no window ({DescribeWindows()})");
        IommuTable table = _tables[slot]!;
        Clear(table, table.FirstEntry, table.Entries);
        foreach (IommuGroup group in _groups) TableGroup(group).UnsetWindow(slot);
        _tables[slot] = null;
        FreeTable(table);
        return KernelResult.Success;
    }

    // tce_iommu_find_table
    private int FindWindow(ulong address)
    {
        for (int slot = 0; slot < _tables.Length; slot++)
        {
            if (_tables[slot] is { } table && table.Contains(address >> table.PageShift)) return slot;
        }

        return -1;
    }

    private string DescribeWindows()
    {
        string windows = string.Join(", ", _tables.OfType<IommuTable>().Select(table => $"0x{table.Start:x}-0x{table.Start + ((table.Entries << table.PageShift) - 1):x} in pages of 0x{table.PageSize:x}"));
        return windows.Length != 0 ? windows : _defaultWindowPending ? "the default one is not made yet" : "there is none";
    }
}
