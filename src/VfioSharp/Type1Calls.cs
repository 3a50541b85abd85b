// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>The ioctls of a container with a Type1 IOMMU, in the ABI's structs.</summary>
internal static class Type1Calls
{
    internal static KernelResult Map(KernelFile container, Iova iova, ulong address, ulong size, DmaAccess access)
    {
        var map = new VfioIommuType1DmaMap
        {
            Argsz = (uint)Unsafe.SizeOf<VfioIommuType1DmaMap>(),
            Flags = (uint)access,
            Vaddr = address,
            Iova = iova.Value,
            Size = size,
        };
        return container.Ioctl(VfioIoctl.IommuMapDma, ref map);
    }

    internal static KernelResult Unmap(KernelFile container, Iova iova, ulong size, out ulong unmapped) =>
        Unmap(container, iova, size, flags: 0, out unmapped);

    internal static KernelResult UnmapAll(KernelFile container, out ulong unmapped) =>
        Unmap(container, default, 0, VfioDmaUnmapFlags.All, out unmapped);

    internal static KernelResult GetInfo(KernelFile container, out IommuInfo? info)
    {
        info = null;

        // First call: how long the answer with its capabilities is. It may grow until the second call.
        int length = Unsafe.SizeOf<VfioIommuType1Info>();
        while (true)
        {
            byte[] answer = new byte[length];
            ref VfioIommuType1Info header = ref MemoryMarshal.AsRef<VfioIommuType1Info>(answer.AsSpan());
            header.Argsz = (uint)length;
            KernelResult result = container.Ioctl(VfioIoctl.IommuGetInfo, answer);
            if (result.IsError) return result;
            if (header.Argsz <= (uint)length || header.Argsz > InfoCapabilities.MaxAnswer)
            {
                info = Decode(answer, header);
                return result;
            }

            length = (int)header.Argsz;
        }
    }

    private static KernelResult Unmap(KernelFile container, Iova iova, ulong size, uint flags, out ulong unmapped)
    {
        var unmap = new VfioIommuType1DmaUnmap
        {
            Argsz = (uint)Unsafe.SizeOf<VfioIommuType1DmaUnmap>(),
            Flags = flags,
            Iova = iova.Value,
            Size = size,
        };
        KernelResult result = container.Ioctl(VfioIoctl.IommuUnmapDma, ref unmap);
        unmapped = result.IsError ? 0 : unmap.Size;
        return result;
    }

    private static IommuInfo Decode(ReadOnlySpan<byte> answer, in VfioIommuType1Info header)
    {
        var ranges = new List<IovaRange>();
        uint? available = null;
        DirtyTrackingInfo? dirty = null;
        if ((header.Flags & VfioIommuInfoFlags.Caps) != 0)
        {
            foreach (InfoCapability capability in InfoCapabilities.Walk(answer, header.CapOffset))
            {
                ReadOnlySpan<byte> bytes = answer[capability.Offset..];
                switch (capability.Id)
                {
                    case VfioIommuType1InfoCap.IovaRange:
                        DecodeRanges(bytes, ranges);
                        break;
                    case VfioIommuType1InfoCap.Migration
                        when MemoryMarshal.TryRead(bytes, out VfioIommuType1InfoCapMigration migration):
                        dirty = new DirtyTrackingInfo(migration.PgsizeBitmap, migration.MaxDirtyBitmapSize);
                        break;
                    case VfioIommuType1InfoCap.DmaAvail
                        when MemoryMarshal.TryRead(bytes, out VfioIommuType1InfoDmaAvail avail):
                        available = avail.Avail;
                        break;
                    default:
                        // A capability newer than this library says nothing to it.
                        break;
                }
            }
        }

        bool hasPageSizes = (header.Flags & VfioIommuInfoFlags.Pgsizes) != 0;
        return new IommuInfo(hasPageSizes ? header.IovaPgsizes : 0, ranges, available, dirty);
    }

    private static void DecodeRanges(ReadOnlySpan<byte> bytes, List<IovaRange> ranges)
    {
        if (!MemoryMarshal.TryRead(bytes, out VfioIommuType1InfoCapIovaRange header)) return;
        ReadOnlySpan<VfioIovaRange> all =
            MemoryMarshal.Cast<byte, VfioIovaRange>(bytes[Unsafe.SizeOf<VfioIommuType1InfoCapIovaRange>()..]);
        foreach (VfioIovaRange range in all[..(int)Math.Min(header.NrIovas, (uint)all.Length)])
            ranges.Add(new IovaRange(new Iova(range.Start), new Iova(range.End)));
    }
}
