// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VfioSharp.Abi.Iommufd;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>iommufd: address spaces and their mappings. Page tables are in <see cref="PageTableOperations"/>.</summary>
internal static class IommufdOperations
{
    private const int RangeLimit = 64;

    private static readonly Dictionary<string, uint> MapFlags = new()
    {
        ["fixed"] = IommuIoasMapFlags.FixedIova,
        ["w"] = IommuIoasMapFlags.Writeable,
        ["r"] = IommuIoasMapFlags.Readable,
        ["rw"] = IommuIoasMapFlags.Writeable | IommuIoasMapFlags.Readable,
    };

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("ioas_alloc", Allocate);
        operations.Add("destroy", Destroy);
        operations.Add("ioas_map", Map);
        operations.Add("ioas_map_file", MapFile);
        operations.Add("ioas_unmap", Unmap);
        operations.Add("ioas_copy", Copy);
        operations.Add("ioas_ranges", ShowRanges);
        operations.Add("ioas_allow", Allow);
        operations.Add("option", Option);
        operations.Add("vfio_ioas", CompatibilityIoas);
    }

    /// <summary>A structure's <c>size</c> field: its length, or what the script says.</summary>
    internal static uint SizeOf<T>(ScriptContext context) where T : unmanaged =>
        context.Option32("size", (uint)Unsafe.SizeOf<T>());

    private static void Allocate(ScriptContext context)
    {
        IommuIoasAlloc allocate = new() { Size = SizeOf<IommuIoasAlloc>(context), Flags = context.Option32("flags", 0) };
        KernelResult result = context.Ioctl(IommufdIoctl.IoasAlloc, ref allocate);
        context.Report(result);
        context.Output.Changed(result, "id", 0, allocate.OutIoasId);
    }

    private static void Destroy(ScriptContext context)
    {
        IommuDestroy destroy = new() { Size = SizeOf<IommuDestroy>(context), Id = (uint)context.Number(1) };
        context.Report(context.Ioctl(IommufdIoctl.Destroy, ref destroy));
    }

    private static void Map(ScriptContext context)
    {
        IommuIoasMap map = new()
        {
            Size = SizeOf<IommuIoasMap>(context),
            Flags = context.Flags(context.Text(2), MapFlags),
            IoasId = (uint)context.Number(1),
            Reserved = context.Option32("resv", 0),
            UserVa = context.Number(3),
            Length = context.Number(4),
            Iova = context.Number(5),
        };
        KernelResult result = context.Ioctl(IommufdIoctl.IoasMap, ref map);
        context.Report(result);
        context.Output.Changed(result, "iova", context.Number(5), map.Iova);
    }

    private static void MapFile(ScriptContext context)
    {
        IommuIoasMapFile map = new()
        {
            Size = SizeOf<IommuIoasMapFile>(context),
            Flags = context.Flags(context.Text(2), MapFlags),
            IoasId = (uint)context.Number(1),
            Fd = context.Descriptor(3),
            Start = context.Number(4),
            Length = context.Number(5),
            Iova = context.Number(6),
        };
        KernelResult result = context.Ioctl(IommufdIoctl.IoasMapFile, ref map);
        context.Report(result);
        context.Output.Changed(result, "iova", context.Number(6), map.Iova);
    }

    private static void Unmap(ScriptContext context)
    {
        IommuIoasUnmap unmap = new()
        {
            Size = SizeOf<IommuIoasUnmap>(context),
            IoasId = (uint)context.Number(1),
            Iova = context.Number(2),
            Length = context.Number(3),
        };
        KernelResult result = context.Ioctl(IommufdIoctl.IoasUnmap, ref unmap);
        context.Report(result);
        context.Output.Changed(result, "len", context.Number(3), unmap.Length);
    }

    private static void Copy(ScriptContext context)
    {
        IommuIoasCopy copy = new()
        {
            Size = SizeOf<IommuIoasCopy>(context),
            Flags = context.Flags(context.Text(3), MapFlags),
            DstIoasId = (uint)context.Number(1),
            SrcIoasId = (uint)context.Number(2),
            Length = context.Number(4),
            DstIova = context.Number(5),
            SrcIova = context.Number(6),
        };
        KernelResult result = context.Ioctl(IommufdIoctl.IoasCopy, ref copy);
        context.Report(result);
        context.Output.Changed(result, "dst_iova", context.Number(5), copy.DstIova);
    }

    private static void ShowRanges(ScriptContext context)
    {
        uint count = context.Line.Positional.Count > 2 ? (uint)context.Number(2) : RangeLimit;
        context.Scratch.ClearBuffer(4096);
        IommuIoasIovaRanges ranges = new()
        {
            Size = SizeOf<IommuIoasIovaRanges>(context),
            IoasId = (uint)context.Number(1),
            NumIovas = count,
            Reserved = context.Option32("resv", 0),
            AllowedIovas = context.Scratch.Buffer,
        };
        KernelResult result = context.Ioctl(IommufdIoctl.IoasIovaRanges, ref ranges);
        context.Report(result);
        context.Output.Changed(result, "num", count, ranges.NumIovas);
        context.Output.Changed(result, "align", 0, ranges.OutIovaAlignment);

        byte[] bytes = context.Scratch.ReadBuffer(RangeLimit * Unsafe.SizeOf<IommuIovaRange>());
        ReadOnlySpan<IommuIovaRange> found = MemoryMarshal.Cast<byte, IommuIovaRange>(bytes);
        for (int i = 0; i < ranges.NumIovas && i < count && i < RangeLimit; i++)
            if (found[i].Start != 0 || found[i].Last != 0)
                context.Output.Append(string.Create(CultureInfo.InvariantCulture, $" [0x{found[i].Start:x}-0x{found[i].Last:x}]"));
    }

    private static void Allow(ScriptContext context)
    {
        int count = Math.Max(context.Line.Positional.Count - 2, 0) / 2;
        IommuIovaRange[] allowed = new IommuIovaRange[Math.Min(count, RangeLimit)];
        for (int i = 0; i < allowed.Length; i++)
            allowed[i] = new IommuIovaRange { Start = context.Number(2 + 2 * i), Last = context.Number(3 + 2 * i) };
        context.Scratch.Write(context.Scratch.Buffer, MemoryMarshal.AsBytes(allowed.AsSpan()));
        IommuIoasAllowIovas allow = new()
        {
            Size = SizeOf<IommuIoasAllowIovas>(context),
            IoasId = (uint)context.Number(1),
            NumIovas = context.Option32("num", (uint)count),
            AllowedIovas = context.Scratch.Buffer,
        };
        context.Report(context.Ioctl(IommufdIoctl.IoasAllowIovas, ref allow));
    }

    private static void Option(ScriptContext context)
    {
        IommuOption option = new()
        {
            Size = SizeOf<IommuOption>(context),
            OptionId = (uint)context.Number(1),
            Op = (ushort)context.Number(2),
            ObjectId = (uint)context.Number(3),
            Val64 = context.Number(4),
        };
        KernelResult result = context.Ioctl(IommufdIoctl.Option, ref option);
        context.Report(result);
        context.Output.Changed(result, "val", context.Number(4), option.Val64);
    }

    private static void CompatibilityIoas(ScriptContext context)
    {
        uint id = (uint)context.Number(2);
        IommuVfioIoas ioas = new() { Size = SizeOf<IommuVfioIoas>(context), IoasId = id, Op = (ushort)context.Number(1) };
        KernelResult result = context.Ioctl(IommufdIoctl.VfioIoas, ref ioas);
        context.Report(result);
        context.Output.Changed(result, "id", id, ioas.IoasId);
    }
}
