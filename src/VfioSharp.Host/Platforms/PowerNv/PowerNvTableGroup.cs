// SPDX-License-Identifier: MIT
using System.Numerics;
using VfioSharp.Host.Iommu.Spapr;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.Platforms.PowerNv;

/// <summary>
/// A partitionable endpoint of bare-metal POWER (powernv/pci-ioda.c: struct pnv_ioda_pe, pnv_pci_ioda2_ops). Two
/// windows, picked by bit 59 of the bus address; tables can be shared by endpoints of one container.
/// </summary>
internal sealed class PowerNvTableGroup : IommuTableGroup
{
    private readonly int _systemPageShift;
    private readonly ulong _ramBytes;

    public PowerNvTableGroup(PowerPlatform platform, DeviceTreeNode hostBridge, int segment, int endpoint)
        : base(platform.Memory, platform.Trace)
    {
        Name = $"domain{segment}-pe{endpoint:x}";
        _systemPageShift = BitOperations.Log2((uint)platform.PageSize);
        _ramBytes = platform.Machine.RamBytes;
        Tce32Size = MemoryBase(hostBridge);
        PageSizes = SupportedPageSizes(hostBridge);
        MaxWindows = TceDomain.MaxWindows;
        MaxLevels = TceTable.MaxLevels;
        SetUpHostWindows();
    }

    /// <inheritdoc/>
    public override string Kind => "PowerNV";

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override bool SharesWindows => true;

    /// <inheritdoc/>
    public override ulong GetTableSize(uint pageShift, ulong windowSize, uint levels) =>
        PowerNvTableSize.Charge(pageShift, windowSize, levels, _systemPageShift);

    // pnv_pci_ioda2_create_table_userspace
    /// <inheritdoc/>
    public override KernelResult CreateTable(SpaprKernel kernel, int slot, uint pageShift, ulong windowSize, uint levels, out IommuTable? table)
    {
        KernelResult made = MakeTable(slot, pageShift, windowSize, levels, forUser: true, out PowerNvTable? powerNv);
        table = powerNv;
        return made;
    }

    private KernelResult MakeTable(int slot, uint pageShift, ulong windowSize, uint levels, bool forUser, out PowerNvTable? table)
    {
        table = null;
        if (!PowerNvTableSize.TryLayOut(pageShift, windowSize, levels, _systemPageShift, out int levelBits, out ulong entries))
        {
            return KernelResult.Fail(Errno.EINVAL, $"endpoint {Name}: the hardware walks no table of {levels} level(s) for 0x{windowSize:x} bytes in pages of 2^{pageShift}: 1 to 5 levels, a power of two, and 55 bits of levels and page together");
        }

        // One level is one block of the page allocator.
        ulong levelBytes = 8UL << levelBits;
        TceTable? tces = levelBytes <= SpaprKernel.LargestBlock ? TceTable.TryCreate((int)levels, levelBits) : null;
        TceTable? users = tces is not null && forUser ? TceTable.TryCreate((int)levels, levelBits) : null;
        if (tces is null || (forUser && users is null))
        {
            tces?.Dispose();
            return KernelResult.Fail(Errno.ENOMEM, $"endpoint {Name}: no block of 0x{levelBytes:x} bytes for a level of the table (at most 0x{SpaprKernel.LargestBlock:x}); more levels make smaller ones");
        }

        ulong start = slot == 0 ? Tce32Start : TceDomain.BypassStart;
        table = new PowerNvTable((int)pageShift, start, entries, tces)
        {
            UserAddresses = users,
            AllocatedSize = forUser ? GetTableSize(pageShift, windowSize, levels) : 0,
        };
        return KernelResult.Success;
    }

    // pnv_pci_ioda2_set_window: the bridge's translation entry of the endpoint and slot.
    /// <inheritdoc/>
    public override KernelResult SetWindow(int slot, IommuTable table)
    {
        var powerNv = (PowerNvTable)table;
        Domain.Set(slot, new TceWindow(table.Start, table.Entries << table.PageShift, table.PageShift, powerNv.Tces));
        table.Link(this);
        SetTable(slot, table);
        Trace.Record(TceEventKind.WindowSet, Name, table.Start, table.Entries);
        return KernelResult.Success;
    }

    // pnv_pci_ioda2_unset_window
    /// <inheritdoc/>
    public override KernelResult UnsetWindow(int slot)
    {
        Domain.Set(slot, null);
        if (Tables[slot] is not { } table) return KernelResult.Success;
        SetTable(slot, null);
        table.Unlink(this);
        Trace.Record(TceEventKind.WindowUnset, Name, table.Start, table.Entries);
        return KernelResult.Success;
    }

    // pnv_ioda2_take_ownership: the first function moves the whole group.
    /// <inheritdoc/>
    public override KernelResult TakeOwnership(PciFunction function)
    {
        if (Tables[0] is null) return KernelResult.Success;
        FreeHostWindows();
        Trace.Record(TceEventKind.OwnershipTaken, Name);
        return KernelResult.Success;
    }

    /// <inheritdoc/>
    protected override void FreeHostWindows()
    {
        Domain.Bypass = false;
        if (Tables[0] is not { } table) return;
        UnsetWindow(0);
        table.Release();
    }

    // pnv_ioda2_release_ownership
    /// <inheritdoc/>
    public override void ReleaseOwnership(PciFunction function)
    {
        if (Tables[0] is not null || IsRetired) return;
        SetUpHostWindows();
        Trace.Record(TceEventKind.OwnershipReleased, Name);
    }

    // pnv_pci_ioda2_setup_default_config: a window as large as one bit a page in the largest block allows.
    private void SetUpHostWindows()
    {
        ulong window = Math.Min((SpaprKernel.LargestBlock * 8) << _systemPageShift, 1UL << BitOperations.Log2(_ramBytes));
        int entriesOrder = BitOperations.Log2(window) - _systemPageShift;
        int levelOrder = BitOperations.Log2(SpaprKernel.LargestBlock >> 3);
        uint levels = (uint)Math.Max((entriesOrder + levelOrder - 1) / levelOrder, 2);
        if (!MakeTable(slot: 0, (uint)_systemPageShift, window, levels, forUser: false, out PowerNvTable? table).IsError) SetWindow(0, table!);
        Domain.Bypass = true;
    }

    // pnv_pci_init_ioda_phb: where 32-bit memory begins on the bus; below it is room for DMA.
    private static ulong MemoryBase(DeviceTreeNode hostBridge)
    {
        // Entries of seven cells: flags, PCI address, CPU address, size.
        for (int at = 0; hostBridge.ReadCell("ranges", at + 6, out _).IsSuccess; at += 7)
        {
            _ = hostBridge.ReadCell("ranges", at, out uint flags);
            _ = hostBridge.ReadCell("ranges", at + 1, out uint high);
            _ = hostBridge.ReadCell("ranges", at + 2, out uint low);
            if ((flags & 0x03000000) == 0x02000000) return ((ulong)high << 32) | low;
        }

        return 0;
    }

    // pnv_ioda_parse_tce_sizes
    private static ulong SupportedPageSizes(DeviceTreeNode hostBridge)
    {
        ulong mask = 0;
        for (int i = 0; hostBridge.ReadCell("ibm,supported-tce-sizes", i, out uint shift).IsSuccess; i++) mask |= 1UL << (int)(shift & 63);
        return mask != 0 ? mask : (1UL << 12) | (1UL << 16);
    }
}
