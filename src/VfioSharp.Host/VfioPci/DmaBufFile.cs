// SPDX-License-Identifier: MIT
using VfioSharp.Host.Callers;
using VfioSharp.Host.Files;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>
/// A dma-buf: ranges of a BAR that others may do DMA to (vfio_pci_dmabuf.c: struct vfio_pci_dma_buf). It outlives the
/// device's descriptors, but revoked.
/// </summary>
internal sealed class DmaBufFile : HostFile
{
    private readonly DmaBufs _owner;
    private readonly string _device;
    private readonly int _bar;
    private readonly DmaBufRange[] _ranges;
    private volatile bool _revoked;

    public DmaBufFile(DmaBufs owner, string device, int bar, DmaBufRange[] ranges)
    {
        _owner = owner;
        _device = device;
        _bar = bar;
        _ranges = ranges;
    }

    /// <inheritdoc/>
    public override string Description => $"dma-buf of {_device} BAR {_bar}";

    /// <summary>
    /// Whether the memory behind it is out of reach at this moment. Who uses it asks at each access. Set by the
    /// device's <see cref="DmaBufs"/>, under its lock.
    /// </summary>
    public bool IsRevoked
    {
        get => _revoked;
        set => _revoked = value;
    }

    /// <summary>
    /// The one range of bus addresses behind it, for an IOMMU that maps it (vfio_pci_dma_buf_iommufd_map): ENODEV while
    /// it is revoked.
    /// </summary>
    public KernelResult FindRange(out DmaBufRange range)
    {
        range = _ranges[0];
        if (IsRevoked) return KernelResult.Fail(Errno.ENODEV, $"{Description} is revoked: the memory of {_device} is not accessible");
        return _ranges.Length == 1
            ? KernelResult.Success
            : KernelResult.Fail(Errno.EOPNOTSUPP, $"{Description} has {_ranges.Length} ranges; an IOMMU takes one");
    }

    /// <inheritdoc/>
    public override KernelResult Ioctl(Caller caller, uint request, ulong argument) =>
        KernelResult.Fail(Errno.ENOTTY, $"request 0x{request:x} is not served on a {Description}");

    /// <inheritdoc/>
    public override KernelResult Map(in MapRequest request, out IMappedRegion? region)
    {
        // dma_buf_mmap_internal: the exporter has no mmap.
        region = null;
        return KernelResult.Fail(Errno.EINVAL, $"mmap: a {Description} cannot be mapped ({request.Length} bytes at 0x{request.Offset:x}); the device's own descriptor can");
    }

    /// <inheritdoc/>
    protected override void OnReleased() => _owner.Remove(this);
}

/// <summary>A range of bus addresses.</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct DmaBufRange(ulong Start, ulong Length);
