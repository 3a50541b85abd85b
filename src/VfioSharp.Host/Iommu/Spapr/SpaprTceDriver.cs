// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Groups;
using VfioSharp.Host.Locking;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Iommu.Spapr;

/// <summary>
/// A container's sPAPR TCE IOMMU, version 1 or 2 (drivers/vfio/vfio_iommu_spapr_tce.c: struct tce_container): windows
/// of its groups' endpoints, and the process's memory that they may reach.
/// </summary>
internal sealed partial class SpaprTceDriver : IIommuDriver
{
    // Guards everything below and the tables of the groups attached. After the group registry's lock; before a
    // process's list of registered memory. DMA never takes it. The kernel takes its mutex in fewer places.
    private readonly RankedLock _lock = new(LockRank.SpaprTceDriver);
    private readonly SpaprTceModule _module;
    private readonly SpaprKernel _kernel;
    private readonly bool _isV2;

    // Newest first, as the kernel adds at the head: the first group makes tables and answers GET_INFO.
    private readonly List<IommuGroup> _groups = [];
    private readonly IommuTable?[] _tables = new IommuTable?[TceDomain.MaxWindows];
    private readonly List<RegisteredMemory> _registered = [];
    private bool _enabled;
    private bool _isReleased;
    private bool _defaultWindowPending;
    private long _lockedPages;

    // The process that the container is bound to, once it did something that pins its memory or is charged (mm).
    private Caller? _owner;

    public SpaprTceDriver(SpaprTceModule module, SpaprKernel kernel, bool isV2)
    {
        _module = module;
        _kernel = kernel;
        _isV2 = isV2;
    }

    /// <inheritdoc/>
    public KernelResult CheckExtension(ulong extension) => _module.CheckExtension(extension);

    // tce_iommu_ioctl
    /// <inheritdoc/>
    public KernelResult Ioctl(Caller caller, uint request, ulong argument)
    {
        using (_lock.EnterScope())
        {
            // Container files ask for their driver without a lock.
            if (_isReleased) return KernelResult.Fail(Errno.EINVAL, $"request 0x{request:x} needs an IOMMU, and the container's went with its last group");
            if (_owner is not null && _owner != caller) return OtherProcess(caller, request);
            return request switch
            {
                VfioIoctl.IommuSpaprTceGetInfo => GetInfo(caller, argument),
                VfioIoctl.IommuMapDma => MapDma(caller, argument),
                VfioIoctl.IommuUnmapDma => UnmapDma(caller, argument),
                VfioIoctl.IommuSpaprRegisterMemory when _isV2 => RegisterMemory(caller, argument),
                VfioIoctl.IommuSpaprUnregisterMemory when _isV2 => UnregisterMemory(caller, argument),
                VfioIoctl.IommuEnable when !_isV2 => Enable(caller),
                VfioIoctl.IommuDisable when !_isV2 => Disable(),
                VfioIoctl.EehPeOp => EehOperation(caller, argument),
                VfioIoctl.IommuSpaprTceCreate when _isV2 => CreateWindow(caller, argument),
                VfioIoctl.IommuSpaprTceRemove when _isV2 => RemoveWindow(caller, argument),
                _ => KernelResult.Fail(Errno.ENOTTY, $"request 0x{request:x} is not one of a version {(_isV2 ? 2 : 1)} sPAPR TCE container"),
            };
        }
    }

    private KernelResult OtherProcess(Caller caller, uint request) => KernelResult.Fail(
        Errno.EPERM,
        $"request 0x{request:x}: the container is bound to the memory of {_owner!.Name}, and {caller.Name} is another process");

    // tce_iommu_mm_set; another process was refused before.
    private void BindTo(Caller caller)
    {
        if (_owner is not null) return;
        _owner = caller;
        caller.Registered.Hold();
    }

    // tce_iommu_enable
    private KernelResult Enable(Caller caller)
    {
        if (_enabled) return KernelResult.Fail(Errno.EBUSY, $"ENABLE: the container is enabled already, with {_lockedPages} pages charged");
        if (_groups.Count == 0) return NoGroup(Errno.ENODEV, "ENABLE");
        IommuTableGroup group = TableGroup(_groups[0]);
        if (group.Tce32Size == 0) return KernelResult.Fail(Errno.EPERM, $"ENABLE: endpoint {group.Name} has no default window");
        BindTo(caller);
        long pages = (long)(group.Tce32Size / (ulong)_kernel.PageSize);
        if (!caller.Locked.TryCharge(pages, caller.Limits)) return OverLimit(caller, "ENABLE", $"the whole default window, 0x{group.Tce32Size:x} bytes, counts as locked memory:", pages);
        _lockedPages = pages;
        _enabled = true;
        return KernelResult.Success;
    }

    // tce_iommu_disable
    private KernelResult Disable()
    {
        if (!_enabled) return KernelResult.Success;
        _enabled = false;
        _owner!.Locked.Release(_lockedPages);
        return KernelResult.Success;
    }

    private KernelResult NoGroup(Errno errno, string call) =>
        KernelResult.Fail(errno, $"{call}: the version {(_isV2 ? 2 : 1)} container has no group, so there is no endpoint to ask");

    private static KernelResult OverLimit(Caller caller, string call, string what, long pages) => KernelResult.Fail(
        Errno.ENOMEM,
        $"{call}: {what} {pages} pages more pass RLIMIT_MEMLOCK ({caller.Limits.MemlockLimitBytes} bytes, {caller.Locked.Bytes} locked) and the process lacks CAP_IPC_LOCK; raise the limit (ulimit -l)");

    private static IommuTableGroup TableGroup(IommuGroup group) => group.Platform.Tables!;

    // tce_iommu_attach_group
    /// <inheritdoc/>
    public KernelResult AttachGroup(IommuGroup group)
    {
        using (_lock.EnterScope())
        {
            if (group.Platform.Tables is not { } tables) return KernelResult.Fail(Errno.ENODEV, $"group {group.Id} has no TCE tables");
            if (_isV2 && tables.MaxWindows == 0) return KernelResult.Fail(Errno.EINVAL, $"group {group.Id} (endpoint {tables.Name}) has no dynamic DMA windows, which version 2 needs; SET_IOMMU({VfioExtension.SpaprTce}) does without");
            if (!_isV2 && _groups.Count != 0) return KernelResult.Fail(Errno.EBUSY, $"group {group.Id} cannot join group {_groups[0].Id}: a version 1 container has one group");
            foreach (IommuGroup other in _groups)
            {
                if (other == group) return KernelResult.Fail(Errno.EBUSY, $"group {group.Id} is attached already");
                if (!TableGroup(other).IsCompatibleWith(tables)) return KernelResult.Fail(Errno.EPERM, $"group {group.Id} ({tables.Kind}) is incompatible with group {other.Id} ({TableGroup(other).Kind})");
            }

            KernelResult taken = SetAllWindows(tables);

            // Pending even when the windows could not be set.
            if (_groups.Count == 0 && _tables[0] is null) _defaultWindowPending = true;
            if (!taken.IsError) _groups.Insert(0, group);
            return taken;
        }
    }

    // tce_iommu_take_ownership
    private KernelResult SetAllWindows(IommuTableGroup group)
    {
        for (int slot = 0; slot < _tables.Length; slot++)
        {
            if (_tables[slot] is not { } table) continue;
            KernelResult set = group.SetWindow(slot, table);
            if (!set.IsError) continue;
            for (int i = 0; i < _tables.Length; i++) group.UnsetWindow(i);
            return set;
        }

        return KernelResult.Success;
    }

    // tce_iommu_detach_group, tce_iommu_release_ownership
    /// <inheritdoc/>
    public void DetachGroup(IommuGroup group)
    {
        using (_lock.EnterScope())
        {
            if (!_groups.Remove(group)) return;
            for (int slot = 0; slot < _tables.Length; slot++)
            {
                if (_tables[slot] is not { } table) continue;
                Clear(table, table.FirstEntry, table.Entries);
                TableGroup(group).UnsetWindow(slot);
            }
        }
    }

    // tce_iommu_release: every group has been detached.
    /// <inheritdoc/>
    public void Release()
    {
        using (_lock.EnterScope())
        {
            for (int slot = 0; slot < _tables.Length; slot++)
            {
                if (_tables[slot] is not { } table) continue;

                // A MAP_DMA may have come between the last group's leaving, which cleared it, and now.
                ulong index = 0;
                if (table.TryNext(ref index, table.Entries)) Clear(table, table.FirstEntry, table.Entries);
                _tables[slot] = null;
                FreeTable(table);
            }

            foreach (RegisteredMemory region in _registered) _owner!.Registered.Put(_owner, region);
            _registered.Clear();
            Disable();
            _isReleased = true;
            if (_owner is null) return;
            if (!_kernel.Copies(Fidelity.UnregisterInUseSucceeds)) _owner.Registered.FreeOwnerless(_owner);
            _owner.Registered.Leave(_owner);
        }
    }
}
