// SPDX-License-Identifier: MIT
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Locking;
using VfioSharp.Host.Pci;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>The dma-bufs of an open device, and DEVICE_FEATURE DMA_BUF that makes them (vfio_pci_dmabuf.c). Made anew at each open.</summary>
internal sealed class DmaBufs
{
    private const string Call = "DEVICE_FEATURE DMA_BUF";
    private const int HeaderSize = 16;
    private const int RangeSize = 16;

    // KMALLOC_MAX_SIZE of a kernel with 4 KiB pages: more ranges than fit there cannot be copied in.
    private const uint MostRanges = (4 << 20) / RangeSize;

    private readonly PciFunction _function;
    private readonly VirtualConfig _config;
    private readonly ulong _pageSize;
    private readonly List<DmaBufFile> _files = [];

    // Guards _files and their revoked marks. Innermost: taken under the configuration's lock, too.
    private readonly RankedLock _lock = new(LockRank.Leaf);

    public DmaBufs(PciFunction function, VirtualConfig config, int pageSize)
    {
        _function = function;
        _config = config;
        _pageSize = (ulong)pageSize;
    }

    /// <summary>GET of the feature once its flags are accepted (vfio_pci_core_feature_dma_buf); the value is the descriptor.</summary>
    public KernelResult Export(Caller caller, ulong address)
    {
        VfioDeviceFeatureDmaBuf wanted = default;
        if (!UserMemory.TryRead(caller, address, ref wanted)) return UserMemory.Fault(Call, address, HeaderSize);
        if (wanted.NrRanges == 0 || wanted.Flags != 0) return Refuse(Errno.EINVAL, $"{wanted.NrRanges} ranges with flags 0x{wanted.Flags:x}: at least one, and flags must be 0");
        if (wanted.RegionIndex >= VfioPciRegionIndex.Rom || _function.Bars[(int)wanted.RegionIndex].Size == 0)
        {
            return Refuse(Errno.ENODEV, $"region {wanted.RegionIndex} of {_function.Address} is no BAR that it has");
        }

        if (wanted.NrRanges > MostRanges) return Refuse(Errno.ENOMEM, $"{wanted.NrRanges} ranges are more than the {MostRanges} that can be copied");
        var asked = new VfioRegionDmaRange[wanted.NrRanges];
        if (!caller.Memory.TryRead(address + HeaderSize, MemoryMarshal.AsBytes(asked.AsSpan()))) return UserMemory.Fault(Call, address + HeaderSize, asked.Length * RangeSize);
        KernelResult valid = Check(asked);
        if (valid.IsError) return valid;
        KernelResult inside = Locate(_function.Bars[(int)wanted.RegionIndex], asked, out DmaBufRange[] ranges);
        if (inside.IsError) return inside;
        var file = new DmaBufFile(this, _function.Address.ToString(), (int)wanted.RegionIndex, ranges);
        using (_lock.EnterScope())
        {
            file.IsRevoked = !_config.IsMemoryEnabled;
            _files.Add(file);
        }

        KernelResult installed = caller.Files.Install(file);
        if (installed.IsError) file.Release();
        return installed;
    }

    /// <summary>
    /// Memory went out of reach, or came back (vfio_pci_dma_buf_move): dma-bufs with it, and the pages of plain memory that
    /// are mapped, which the kernel takes away in the same places.
    /// </summary>
    public void Move(bool revoked)
    {
        _function.Memory?.Move(!revoked);
        using (_lock.EnterScope())
        {
            foreach (DmaBufFile file in _files) file.IsRevoked = revoked;
        }
    }

    /// <summary>The device is closed: what is left stays revoked for good (vfio_pci_dma_buf_cleanup).</summary>
    public void Close()
    {
        using (_lock.EnterScope())
        {
            foreach (DmaBufFile file in _files) file.IsRevoked = true;
            _files.Clear();
        }
    }

    /// <summary>The last descriptor of a dma-buf is closed (vfio_pci_dma_buf_release).</summary>
    public void Remove(DmaBufFile file)
    {
        using (_lock.EnterScope()) _files.Remove(file);
    }

    // validate_dmabuf_input
    private KernelResult Check(VfioRegionDmaRange[] ranges)
    {
        ulong total = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            (ulong offset, ulong length) = (ranges[i].Offset, ranges[i].Length);
            if (length == 0 || offset % _pageSize != 0 || length % _pageSize != 0)
            {
                return Refuse(Errno.EINVAL, $"range {i}, 0x{length:x} bytes at 0x{offset:x}, is not of whole pages of 0x{_pageSize:x}");
            }

            if (length > ulong.MaxValue - total) return Refuse(Errno.EINVAL, $"range {i}, 0x{length:x} bytes, overflows the length 0x{total:x} before it");
            total += length;
        }

        // The top bit of a length is the kernel's own (DMA_IOVA_USE_SWIOTLB).
        if (total >> 63 != 0) return Refuse(Errno.EINVAL, $"the length 0x{total:x} of all ranges is too large");
        return KernelResult.Success;
    }

    // vfio_pci_core_get_dmabuf_phys, vfio_pci_core_fill_phys_vec
    private KernelResult Locate(PciBar bar, VfioRegionDmaRange[] asked, out DmaBufRange[] ranges)
    {
        ranges = new DmaBufRange[asked.Length];
        if (!bar.IsMemory) return Refuse(Errno.EINVAL, $"BAR {bar.Index} of {_function.Address} is port I/O");
        for (int i = 0; i < asked.Length; i++)
        {
            (ulong offset, ulong length) = (asked[i].Offset, asked[i].Length);
            if (offset > ulong.MaxValue - bar.Start || length > ulong.MaxValue - bar.Start - offset)
            {
                return Refuse(Errno.EOVERFLOW, $"range {i}, 0x{length:x} bytes at 0x{offset:x}, overflows from 0x{bar.Start:x} on");
            }

            if (offset + length > bar.Size) return Refuse(Errno.EINVAL, $"range {i}, 0x{length:x} bytes at 0x{offset:x}, reaches past the 0x{bar.Size:x} bytes of BAR {bar.Index}");
            ranges[i] = new DmaBufRange(bar.Start + offset, length);
        }

        return KernelResult.Success;
    }

    private static KernelResult Refuse(Errno errno, string why) => KernelResult.Fail(errno, $"{Call}: {why}");
}
