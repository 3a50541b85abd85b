// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>The Type1 IOMMU: information, mappings, dirty pages. <c>map</c> and <c>unmap</c> serve sPAPR too.</summary>
internal static class Type1Operations
{
    // Room behind a structure for what the host appends, and for a bitmap.
    private const int Room = 8192;

    private const int BitmapShown = 64;
    private const ulong BitmapPageSize = 4096;
    private const ulong BitmapLength = 8;

    private static readonly Dictionary<string, uint> MapFlags = new()
    {
        ["r"] = VfioDmaMapFlags.Read,
        ["w"] = VfioDmaMapFlags.Write,
        ["rw"] = VfioDmaMapFlags.Read | VfioDmaMapFlags.Write,
        ["vaddr"] = VfioDmaMapFlags.Vaddr,
    };

    private static readonly Dictionary<string, uint> UnmapFlags = new()
    {
        ["dirty"] = VfioDmaUnmapFlags.GetDirtyBitmap,
        ["all"] = VfioDmaUnmapFlags.All,
        ["vaddr"] = VfioDmaUnmapFlags.Vaddr,
    };

    private static readonly Dictionary<string, uint> DirtyFlags = new()
    {
        ["start"] = VfioIommuDirtyPagesFlags.Start,
        ["stop"] = VfioIommuDirtyPagesFlags.Stop,
        ["get"] = VfioIommuDirtyPagesFlags.GetBitmap,
    };

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("iommu_info", ShowInfo);
        operations.Add("map", Map);
        operations.Add("unmap", Unmap);
        operations.Add("dirty", Dirty);
    }

    private static void ShowInfo(ScriptContext context)
    {
        uint minimum = (uint)Unsafe.SizeOf<VfioIommuType1Info>();
        uint asked = context.Option32("argsz", minimum);
        VfioIommuType1Info info = new() { Argsz = asked };
        KernelResult result = context.IoctlWithRoom(VfioIoctl.IommuGetInfo, ref info, Room);
        if (DeviceOperations.AsksForMore(context, result, info.Argsz, minimum, Room))
        {
            asked = info.Argsz;
            info = new VfioIommuType1Info { Argsz = asked };
            result = context.IoctlWithRoom(VfioIoctl.IommuGetInfo, ref info, Room);
        }

        context.Report(result);
        context.Output.Changed(result, "argsz", asked, info.Argsz);
        context.Output.Changed(result, "flags", 0, info.Flags);
        context.Output.Changed(result, "pgsizes", 0, info.IovaPgsizes);
        context.Output.Changed(result, "cap_offset", 0, info.CapOffset);
        if (result.IsSuccess)
            CapabilityChain.Print(context.Output, context.Scratch.ReadBuffer(Room), info.CapOffset, CapabilityOwner.Iommu);
    }

    private static void Map(ScriptContext context)
    {
        VfioIommuType1DmaMap map = new()
        {
            Argsz = context.Option32("argsz", (uint)Unsafe.SizeOf<VfioIommuType1DmaMap>()),
            Flags = context.Flags(context.Text(1), MapFlags),
            Vaddr = context.Number(2),
            Iova = context.Number(3),
            Size = context.Number(4),
        };
        context.Report(context.Ioctl(VfioIoctl.IommuMapDma, ref map));
    }

    private static void Unmap(ScriptContext context)
    {
        uint flags = context.Flags(context.Option("flags"), UnmapFlags);
        bool dirty = (flags & VfioDmaUnmapFlags.GetDirtyBitmap) != 0;
        int size = dirty ? Unsafe.SizeOf<UnmapWithBitmap>() : Unsafe.SizeOf<VfioIommuType1DmaUnmap>();
        UnmapWithBitmap unmap = new()
        {
            Header = new VfioIommuType1DmaUnmap
            {
                Argsz = context.Option32("argsz", (uint)size),
                Flags = flags,
                Iova = context.Number(1),
                Size = context.Number(2),
            },
            Bitmap = Bitmap(context),
        };
        KernelResult result = context.Ioctl(VfioIoctl.IommuUnmapDma, ref unmap);
        context.Report(result);
        context.Output.Changed(result, "size", context.Number(2), unmap.Header.Size);
        if (result.IsSuccess && dirty) ShowBitmap(context, unmap.Bitmap.Size);
    }

    private static void Dirty(ScriptContext context)
    {
        uint flags = context.Flags(context.Text(1), DirtyFlags);
        bool get = (flags & VfioIommuDirtyPagesFlags.GetBitmap) != 0;
        int size = get ? Unsafe.SizeOf<DirtyWithRange>() : Unsafe.SizeOf<VfioIommuType1DirtyBitmap>();
        DirtyWithRange dirty = new()
        {
            Header = new VfioIommuType1DirtyBitmap { Argsz = context.Option32("argsz", (uint)size), Flags = flags },
            Range = new VfioIommuType1DirtyBitmapGet
            {
                Iova = context.Option("iova", 0),
                Size = context.Option("size", 0),
                Bitmap = Bitmap(context),
            },
        };
        KernelResult result = context.Ioctl(VfioIoctl.IommuDirtyPages, ref dirty);
        context.Report(result);
        if (result.IsSuccess && get) ShowBitmap(context, dirty.Range.Bitmap.Size);
    }

    // Without an address of its own the bitmap goes to the runner's buffer, and is shown from there.
    private static VfioBitmap Bitmap(ScriptContext context)
    {
        context.Scratch.ClearBuffer(Room);
        return new VfioBitmap
        {
            Pgsize = context.Option("pgsize", BitmapPageSize),
            Size = context.Option("bsize", BitmapLength),
            Data = context.Option("buf", context.Scratch.Buffer),
        };
    }

    private static void ShowBitmap(ScriptContext context, ulong length)
    {
        if (context.Option("buf") is null)
            context.Output.Bytes("bitmap", context.Scratch.ReadBuffer((int)Math.Min(length, BitmapShown)));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct UnmapWithBitmap
    {
        public VfioIommuType1DmaUnmap Header;
        public VfioBitmap Bitmap;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct DirtyWithRange
    {
        public VfioIommuType1DirtyBitmap Header;
        public VfioIommuType1DirtyBitmapGet Range;
    }
}
