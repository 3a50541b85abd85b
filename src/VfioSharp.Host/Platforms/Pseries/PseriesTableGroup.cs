// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using System.Numerics;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Platforms.Pseries;

/// <summary>
/// A partitionable endpoint under a hypervisor (platforms/pseries/iommu.c: spapr_tce_table_group_ops). Its default
/// window is a property of its device-tree node, a dynamic one (DDW) is made by RTAS; the kernel keeps both as
/// properties and goes by what it finds there.
/// </summary>
internal sealed class PseriesTableGroup : IommuTableGroup
{
    /// <summary>The property of the default window: its logical bus number, start and size.</summary>
    public const string DefaultProperty = "ibm,dma-window";

    private const string SavedProperty = "ibm,dma-window-saved";
    private const string DynamicProperty = "linux,dma64-ddr-window-info";
    private const string ApplicableProperty = "ibm,ddw-applicable";
    private const string ExtensionsProperty = "ibm,ddw-extensions";
    private const int DefaultPageShift = 12;

    // struct dynamic_dma_window_prop: liobn, address, page shift, window shift.
    private const int DynamicPropertySize = 20;

    private readonly DeviceTreeNode _node;
    private readonly bool _takesMoreLevels;
    private readonly DdwFirmware _firmware;

    // The node's entry of dma_win_list, and of failed_ddw_pdn_list.
    private bool _hasDynamic;
    private string? _failure;

    /// <summary>The endpoint of a node that has a default window, with at most <paramref name="windows"/> windows at a time.</summary>
    public PseriesTableGroup(PowerPlatform platform, DeviceTreeNode node, int windows)
        : base(platform.Memory, platform.Trace)
    {
        Name = node.Name;
        _takesMoreLevels = platform.Machine.Pseries.TakesMoreLevels;
        _node = node;
        DefaultWindow window = ReadDefault()!.Value;
        _firmware = new DdwFirmware(Domain, window.Liobn, window.Start, window.Size, platform.Machine.FirmwarePageSizes, windows);
        SetTable(0, MakeTable(_firmware.Default!, window.Size, statusIsErrno: true));

        // spapr_tce_init_table_group: the kernel keeps 32 bits of both, and shifts an int.
        Tce32Start = window.Start;
        Tce32Size = 1UL << WindowShift(window.Size);
        if (!platform.Machine.Pseries.HasWideWindowInfo)
        {
            Tce32Start = (uint)Tce32Start;
            Tce32Size = (uint)Tce32Size;
        }

        PageSizes = 1UL << DefaultPageShift;
        if (!CanChangeWindows() || _firmware.Query(out DdwQuery query) != RtasStatus.Success)
        {
            MaxWindows = uint.MaxValue;
            return;
        }

        MaxWindows = query.WindowsAvailable == 0 ? 1u : TceDomain.MaxWindows;
        MaxLevels = 1;

        // query_page_size_to_mask has an int for them.
        ulong sizes = DdwFirmware.PageSizesOf(query.PageSizes);
        PageSizes |= sizes & int.MaxValue;
        LostPageSizes = sizes & ~(ulong)int.MaxValue;
    }

    /// <inheritdoc/>
    public override string Kind => "pSeries";

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Whether the node has a window's property now, by which a function that comes finds its endpoint (pci_dma_find).</summary>
    public bool CanBeFound => _node.Has(DefaultProperty) || _node.Has(DynamicProperty);

    /// <summary>Whether a node has a default window, which makes what is below it an endpoint.</summary>
    public static bool IsEndpoint(DeviceTreeNode node) => node.Find(DefaultProperty) is { Length: >= DynamicPropertySize };

    // spapr_tce_get_table_size: what cannot be asks for 4 GiB.
    /// <inheritdoc/>
    public override ulong GetTableSize(uint pageShift, ulong windowSize, uint levels) =>
        levels > 1 && !_takesMoreLevels ? uint.MaxValue : windowSize >> (int)(pageShift - 3);

    // spapr_tce_create_table
    /// <inheritdoc/>
    public override KernelResult CreateTable(SpaprKernel kernel, int slot, uint pageShift, ulong windowSize, uint levels, out IommuTable? table)
    {
        table = null;
        if (!BitOperations.IsPow2(windowSize) || (levels > 1 && !_takesMoreLevels))
        {
            return KernelResult.Fail(Errno.EINVAL, $"{Name}: a window of 0x{windowSize:x} bytes with {levels} levels cannot be: a power of two, with one level");
        }

        if (_failure is not null && kernel.Copies(Fidelity.FailedCreateMarksEndpoint))
        {
            return KernelResult.Fail(Errno.ENODEV, $"{Name}: an earlier failure marked this endpoint for good ({_failure}); the machine must restart");
        }

        bool isDefaultRequest = windowSize <= Tce32Size && pageShift == DefaultPageShift;
        if (slot == 0 && !isDefaultRequest && _hasDynamic)
        {
            return KernelResult.Fail(Errno.EPERM, $"{Name}: its dynamic window exists already");
        }

        if (slot == 0 && isDefaultRequest && !_node.Has(DefaultProperty))
        {
            // Firmware would bring the default window back and take the dynamic one away.
            if (_hasDynamic) return KernelResult.Fail(Errno.EPERM, $"{Name}: the default window can be restored only when the dynamic one is removed first");
            Restore();
            if (_firmware.Default is not { } window) return KernelResult.Fail(Errno.ENODEV, $"{Name}: firmware does not restore the default window");
            table = Hand(0, MakeTable(window, windowSize, kernel.Copies(Fidelity.HypercallStatusIsErrno)), pageShift, windowSize, levels);
            return KernelResult.Success;
        }

        KernelResult made = CreateDynamic(pageShift, (uint)BitOperations.Log2(windowSize), out HypervisorWindow? dynamic);
        if (made.IsError) return made;
        table = Hand(slot, MakeTable(dynamic!, windowSize, kernel.Copies(Fidelity.HypercallStatusIsErrno)), pageShift, windowSize, levels);
        return KernelResult.Success;
    }

    private KernelResult CreateDynamic(uint pageShift, uint windowShift, out HypervisorWindow? window)
    {
        window = null;
        KernelResult applicable = _node.ReadCell(ApplicableProperty, 2, out _);
        if (applicable.IsError) return Failed(applicable);
        RtasStatus status = _firmware.Query(out DdwQuery query);
        if (status != RtasStatus.Success) return Failed(KernelResult.Fail((Errno)(-(int)status), $"{Name}: ibm,query-pe-dma-windows returned {(int)status}"));

        // A window smaller than a page shifts by a negative count, which no block is large enough for.
        ulong entries = windowShift < pageShift ? ulong.MaxValue : 1UL << (int)(windowShift - pageShift);
        if (query.LargestBlock < entries)
        {
            return KernelResult.Fail(Errno.EINVAL, $"{Name}: firmware has room for windows of 0x{query.LargestBlock:x} pages, not 0x{entries:x}; a smaller one can be tried");
        }

        status = _firmware.CreateWindow(pageShift, windowShift, out window);
        if (status != RtasStatus.Success)
        {
            return Failed(KernelResult.Fail(Errno.ENODEV, $"{Name}: ibm,create-pe-dma-window (pages of 2^{pageShift}, 2^{windowShift} bytes) returned {(int)status}"));
        }

        var property = new byte[DynamicPropertySize];
        BinaryPrimitives.WriteUInt32BigEndian(property, window!.Liobn);
        BinaryPrimitives.WriteUInt64BigEndian(property.AsSpan(4), window.Window.Start);
        BinaryPrimitives.WriteUInt32BigEndian(property.AsSpan(12), pageShift);
        BinaryPrimitives.WriteUInt32BigEndian(property.AsSpan(16), windowShift);
        _node.Add(DynamicProperty, property);
        _hasDynamic = true;
        return KernelResult.Success;
    }

    // spapr_tce_create_table's exit: the group has the table before it is set, the caller has a reference.
    private PseriesTable Hand(int slot, PseriesTable made, uint pageShift, ulong windowSize, uint levels)
    {
        var table = made.WithUserAddresses(GetTableSize(pageShift, windowSize, levels));
        SetTable(slot, table);
        table.Link(this);
        return table;
    }

    private PseriesTable MakeTable(HypervisorWindow window, ulong size, bool statusIsErrno) => new(_firmware, window, size, statusIsErrno);

    // spapr_tce_set_window
    /// <inheritdoc/>
    public override KernelResult SetWindow(int slot, IommuTable table)
    {
        if (!ReferenceEquals(table, Tables[slot])) return KernelResult.Fail(Errno.EPERM, $"{Name}: window 0x{table.Start:x} is another endpoint's, and under a hypervisor endpoints do not share windows; one container for each group");
        Trace.Record(TceEventKind.WindowSet, Name, table.Start, table.Entries);
        return KernelResult.Success;
    }

    // spapr_tce_unset_window
    /// <inheritdoc/>
    public override KernelResult UnsetWindow(int slot)
    {
        if (Tables[slot] is not { } table) return KernelResult.Success;
        bool isDefault = slot == 0 && table.Entries << table.PageShift <= Tce32Size && table.PageShift == DefaultPageShift;
        if (!CanBeFound) return Failed(KernelResult.Fail(Errno.ENODEV, $"{Name}: its node has no window's property any more"));
        KernelResult removed = RemoveNamed(isDefault ? DefaultProperty : DynamicProperty, clear: false);
        if (removed.IsError) return Failed(KernelResult.Fail(Errno.ENODEV, removed.Reason!));
        if (!isDefault) _hasDynamic = false;
        SetTable(slot, null);
        table.Unlink(this);
        Trace.Record(TceEventKind.WindowUnset, Name, table.Start, table.Entries);
        return KernelResult.Success;
    }

    // spapr_tce_take_ownership
    /// <inheritdoc/>
    public override KernelResult TakeOwnership(PciFunction function)
    {
        // Taken by an earlier function of the group; an endpoint with one window may have none for the host.
        if (Tables[0] is null && MaxWindows != 1) return KernelResult.Success;
        if (!CanBeFound) return KernelResult.Fail(Errno.EPERM, $"{Name}: its node has no window's property any more");
        RemoveHostDynamic();
        if (Tables[0] is { } table)
        {
            RemoveNamed(DefaultProperty, clear: true);
            Drop(0, table);
        }

        Trace.Record(TceEventKind.OwnershipTaken, Name);
        return KernelResult.Success;
    }

    // remove_dynamic_dma_windows
    private void RemoveHostDynamic()
    {
        if (!_hasDynamic) return;
        RemoveNamed(DynamicProperty, clear: true);
        _hasDynamic = false;
        int slot = Tables[1] is not null ? 1 : 0;
        if (Tables[slot] is { } table) Drop(slot, table);
    }

    // The host's own tables are held by the slot alone; one that VFIO made and could not unset, by a link too.
    private void Drop(int slot, IommuTable table)
    {
        SetTable(slot, null);
        if (table.Groups.Contains(this)) table.Unlink(this);
        else table.Release();
    }

    // spapr_tce_release_ownership, pseries_setup_default_iommu_config
    /// <inheritdoc/>
    public override void ReleaseOwnership(PciFunction function)
    {
        if (IsRetired) FreeHostWindows();
        if (Tables[0] is not null || IsRetired) return;
        Restore();
        if (_firmware.Default is { } window && ReadDefault() is { } found) SetTable(0, MakeTable(window, found.Size, statusIsErrno: true));
        Trace.Record(TceEventKind.OwnershipReleased, Name);
    }

    /// <inheritdoc/>
    protected override void FreeHostWindows() => _firmware.RemoveAll();

    // restore_default_dma_window
    private void Restore()
    {
        // reset_dma_window: ibm,reset-pe-dma-windows is the first of ibm,ddw-extensions.
        if (_node.ReadCell(ExtensionsProperty, 1, out _).IsSuccess) _firmware.Reset();
        if (_node.Find(SavedProperty) is { } saved) _node.Add(DefaultProperty, saved);
    }

    // remove_dma_window_named
    private KernelResult RemoveNamed(string property, bool clear)
    {
        if (_node.Find(property) is not { } value) return KernelResult.Fail(Errno.EINVAL, $"{Name} has no property {property}");
        if (!CanChangeWindows()) return KernelResult.Success;
        if (value.Length >= DynamicPropertySize)
        {
            uint liobn = BinaryPrimitives.ReadUInt32BigEndian(value.Span);
            if (clear) _firmware.Clear(liobn);
            _firmware.RemoveWindow(liobn);
        }

        // A device that came by hot-plug has no other copy of its default window.
        if (property == DefaultProperty && !_node.Has(SavedProperty)) _node.Add(SavedProperty, value);
        _node.Remove(property);
        return KernelResult.Success;
    }

    private bool CanChangeWindows() => _node.ReadCell(ApplicableProperty, 2, out _).IsSuccess;

    private KernelResult Failed(KernelResult failure)
    {
        _failure ??= failure.Reason;
        return failure;
    }

    // of_parse_dma_window
    private DefaultWindow? ReadDefault() => _node.Find(DefaultProperty) is { Length: >= DynamicPropertySize } bytes
        ? new DefaultWindow(
            BinaryPrimitives.ReadUInt32BigEndian(bytes.Span),
            BinaryPrimitives.ReadUInt64BigEndian(bytes.Span[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes.Span[12..]))
        : null;

    // order_base_2
    private static int WindowShift(ulong size) => size <= 1 ? 0 : BitOperations.Log2(size - 1) + 1;

    private readonly record struct DefaultWindow(uint Liobn, ulong Start, ulong Size);
}
