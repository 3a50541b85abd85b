// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp;

/// <summary>DEVICE_GET_REGION_INFO with its capabilities, in the ABI's structs.</summary>
internal static class RegionCalls
{
    internal static KernelResult GetInfo(KernelFile device, uint index, out VfioRegionInfo info, out RegionArea[] mappable, out bool isMsixMappable)
    {
        mappable = [];
        isMsixMappable = false;
        int length = Unsafe.SizeOf<VfioRegionInfo>();
        while (true)
        {
            byte[] answer = new byte[length];
            ref VfioRegionInfo header = ref MemoryMarshal.AsRef<VfioRegionInfo>(answer.AsSpan());
            header.Argsz = (uint)length;
            header.Index = index;
            KernelResult result = device.Ioctl(VfioIoctl.DeviceGetRegionInfo, answer);
            info = header;
            if (result.IsError) return result;
            if (header.Argsz <= (uint)length || header.Argsz > InfoCapabilities.MaxAnswer)
            {
                if ((header.Flags & VfioRegionInfoFlags.Mmap) != 0) mappable = FindMappable(answer, header);
                isMsixMappable = (header.Flags & VfioRegionInfoFlags.Caps) != 0 &&
                    InfoCapabilities.Walk(answer, header.CapOffset).Exists(capability => capability.Id == VfioRegionInfoCap.MsixMappable);
                return result;
            }

            length = (int)header.Argsz;
        }
    }

    /// <summary>The whole region, or only what the sparse mmap capability lists when there is one.</summary>
    private static RegionArea[] FindMappable(ReadOnlySpan<byte> answer, in VfioRegionInfo header)
    {
        if ((header.Flags & VfioRegionInfoFlags.Caps) != 0)
        {
            foreach (InfoCapability capability in InfoCapabilities.Walk(answer, header.CapOffset))
            {
                ReadOnlySpan<byte> bytes = answer[capability.Offset..];
                if (capability.Id != VfioRegionInfoCap.SparseMmap ||
                    !MemoryMarshal.TryRead(bytes, out VfioRegionInfoCapSparseMmap sparse))
                {
                    continue;
                }

                ReadOnlySpan<VfioRegionSparseMmapArea> areas = MemoryMarshal.Cast<byte, VfioRegionSparseMmapArea>(
                    bytes[Unsafe.SizeOf<VfioRegionInfoCapSparseMmap>()..]);
                areas = areas[..(int)Math.Min(sparse.NrAreas, (uint)areas.Length)];
                var found = new List<RegionArea>(areas.Length);
                foreach (VfioRegionSparseMmapArea area in areas)
                {
                    // A kernel may list an empty area for "nothing".
                    if (area.Size != 0) found.Add(new RegionArea(area.Offset, area.Size));
                }

                return [.. found];
            }
        }

        return [new RegionArea(0, header.Size)];
    }
}
