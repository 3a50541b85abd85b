// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Guest.Spapr;

/// <summary>Properties of a pseries PCI host bridge, with QEMU's defaults (spapr-pci-host-bridge).</summary>
public sealed record HostBridgeOptions
{
    /// <summary>Which bridge of the machine (<c>index</c>, 0 to 31): its buid, liobns and interrupts follow.</summary>
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
}
