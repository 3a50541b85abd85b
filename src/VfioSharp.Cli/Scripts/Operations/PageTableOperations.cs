// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Iommufd;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>iommufd: hardware page tables, what the IOMMU is, dirty pages.</summary>
internal static class PageTableOperations
{
    // Up to and with data_uptr: the size the recorded answers were made with.
    private const uint AllocateSize = 48;

    private const uint InfoLength = 32;
    private const uint InfoShown = 64;
    private const int BitmapShown = 8;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("hwpt_alloc", Allocate);
        operations.Add("hw_info", ShowHardware);
        operations.Add("set_dirty", SetDirtyTracking);
        operations.Add("get_dirty", ShowDirty);
    }

    private static void Allocate(ScriptContext context)
    {
        IommuHwptAlloc allocate = new()
        {
            Size = context.Option32("size", AllocateSize),
            Flags = context.Option32("flags", 0),
            DevId = (uint)context.Number(1),
            PtId = (uint)context.Number(2),
            DataType = context.Option32("type", 0),
        };
        KernelResult result = context.Ioctl(IommufdIoctl.HwptAlloc, ref allocate);
        context.Report(result);
        context.Output.Changed(result, "id", 0, allocate.OutHwptId);
    }

    private static void ShowHardware(ScriptContext context)
    {
        uint length = context.Option32("len", InfoLength);
        context.Scratch.ClearBuffer(4096);
        IommuHwInfo info = new()
        {
            Size = IommufdOperations.SizeOf<IommuHwInfo>(context),
            DevId = (uint)context.Number(1),
            Flags = context.Option32("flags", 0),
            DataLen = length,
            DataUptr = length != 0 ? context.Scratch.Buffer : 0,
        };
        KernelResult result = context.Ioctl(IommufdIoctl.GetHwInfo, ref info);
        context.Report(result);
        context.Output.Changed(result, "type", 0, info.OutDataType);
        context.Output.Changed(result, "len", length, info.DataLen);
        context.Output.Changed(result, "caps", 0, info.OutCapabilities);
        context.Output.Changed(result, "max_pasid_log2", 0, info.OutMaxPasidLog2);
        if (result.IsSuccess) context.Output.Bytes("data", context.Scratch.ReadBuffer((int)Math.Min(length, InfoShown)));
    }

    private static void SetDirtyTracking(ScriptContext context)
    {
        IommuHwptSetDirtyTracking set = new()
        {
            Size = IommufdOperations.SizeOf<IommuHwptSetDirtyTracking>(context),
            Flags = (uint)context.Number(2),
            HwptId = (uint)context.Number(1),
        };
        context.Report(context.Ioctl(IommufdIoctl.HwptSetDirtyTracking, ref set));
    }

    private static void ShowDirty(ScriptContext context)
    {
        context.Scratch.ClearBuffer(4096);
        IommuHwptGetDirtyBitmap get = new()
        {
            Size = IommufdOperations.SizeOf<IommuHwptGetDirtyBitmap>(context),
            HwptId = (uint)context.Number(1),
            Flags = context.Option32("flags", 0),
            Iova = context.Number(2),
            Length = context.Number(3),
            PageSize = context.Option("pgsize", 4096),
            Data = context.Scratch.Buffer,
        };
        KernelResult result = context.Ioctl(IommufdIoctl.HwptGetDirtyBitmap, ref get);
        context.Report(result);
        if (result.IsSuccess) context.Output.Bytes("bitmap", context.Scratch.ReadBuffer(BitmapShown));
    }
}
