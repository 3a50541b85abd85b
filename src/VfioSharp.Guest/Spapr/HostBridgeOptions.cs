// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>Properties of a pseries PCI host bridge, with QEMU's names and defaults (spapr-pci-host-bridge).</summary>
public sealed record HostBridgeOptions
{
    /// <summary>The highest <see cref="Index"/>.</summary>
    public const int MostIndex = 30;

    // hw/ppc/spapr.c: spapr_phb_placement.
    private const ulong Base = 1UL << 45;
    private const ulong Memory64Each = 1UL << 40;
    private const ulong MemoryEach = 0x8000_0000;
    private const ulong IoEach = 0x1_0000;

    private readonly GuestPhysicalAddress? _memory;
    private readonly GuestPhysicalAddress? _memory64;
    private readonly GuestPhysicalAddress? _io;

    /// <summary>Which bridge of the machine (<c>index</c>, 0 to 30): its buid, liobns, interrupts and windows follow.</summary>
    public int Index { get; init; }

    /// <summary>Where the default window begins (<c>dma_win_addr</c>).</summary>
    public Iova DefaultWindowStart { get; init; }

    /// <summary>Bytes of the default window (<c>dma_win_size</c>).</summary>
    public ulong DefaultWindowBytes { get; init; } = 0x40000000;

    /// <summary>Where a window begins that the guest makes beside another (<c>dma64_win_addr</c>).</summary>
    public Iova DynamicWindowStart { get; init; } = new(0x0800_0000_0000_0000);

    /// <summary>Bitmap of the page sizes that windows can have (<c>pgsz</c>).</summary>
    public ulong PageSizes { get; init; } = (1UL << 12) | (1UL << 16) | (1UL << 21) | (1UL << 24);

    /// <summary>Whether the guest may make windows (<c>ddw</c>).</summary>
    public bool HasDynamicWindows { get; init; } = true;

    /// <summary>How many windows there can be at once, 1 or 2.</summary>
    public int MostWindows { get; init; } = 2;

    /// <summary>Where the guest's processors find the bus' memory below 4 GiB (<c>mem_win_addr</c>): bus address <see cref="MemoryWindowOnBus"/>.</summary>
    public GuestPhysicalAddress MemoryWindow
    {
        get => _memory ?? new(Base + ((ulong)(Index + 1) * MemoryEach));
        init => _memory = value;
    }

    /// <summary>Its bytes (<c>mem_win_size</c>).</summary>
    public ulong MemoryWindowBytes { get; init; } = MemoryEach;

    /// <summary>The bus address at which the memory below 4 GiB begins.</summary>
    public static ulong MemoryWindowOnBus => 0x8000_0000;

    /// <summary>Where the guest's processors find the bus' 64-bit memory (<c>mem64_win_addr</c>), which is at the same address on the bus.</summary>
    public GuestPhysicalAddress Memory64Window
    {
        get => _memory64 ?? new(Base + ((ulong)(Index + 1) * Memory64Each));
        init => _memory64 = value;
    }

    /// <summary>Its bytes (<c>mem64_win_size</c>).</summary>
    public ulong Memory64WindowBytes { get; init; } = Memory64Each;

    /// <summary>Where the guest's processors find the bus' 64 KiB of I/O ports (<c>io_win_addr</c>).</summary>
    public GuestPhysicalAddress IoWindow
    {
        get => _io ?? new(Base + ((ulong)Index * IoEach));
        init => _io = value;
    }

    /// <summary>Bytes of the I/O window.</summary>
    public static ulong IoWindowBytes => IoEach;

    /// <summary>Why a bridge cannot have these properties; null: it can.</summary>
    internal string? FindProblem()
    {
        const ulong pageMask = 0xfff;
        if (Index is < 0 or > MostIndex) return $"index {Index}: a machine has bridges 0 to {MostIndex}";
        if (MostWindows is < 1 or > 2) return $"{MostWindows} DMA windows: a bridge has 1 or 2";
        if (DefaultWindowBytes == 0 || ((DefaultWindowBytes | DefaultWindowStart.Value) & pageMask) != 0 || DefaultWindowBytes >> 12 > uint.MaxValue)
            return $"a default window of 0x{DefaultWindowBytes:x} bytes at {DefaultWindowStart}: it consists of pages of 4 KiB, at least one";
        return DefaultWindowStart.Value > ulong.MaxValue - DefaultWindowBytes
            ? $"a default window of 0x{DefaultWindowBytes:x} bytes at {DefaultWindowStart} passes the end of the address space"
            : null;
    }
}
