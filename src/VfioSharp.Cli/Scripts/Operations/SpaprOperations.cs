// SPDX-License-Identifier: MIT
using System.Runtime.CompilerServices;
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>The sPAPR TCE IOMMU and EEH.</summary>
internal static class SpaprOperations
{
    // argsz of an EEH operation without an error description: up to and with its op.
    private const uint EehMinimum = 12;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("tce_info", ShowInfo);
        operations.Add("iommu_enable", context => context.Report(context.Ioctl(VfioIoctl.IommuEnable)));
        operations.Add("iommu_disable", context => context.Report(context.Ioctl(VfioIoctl.IommuDisable)));
        operations.Add("reg_mem", context => RegisterMemory(context, VfioIoctl.IommuSpaprRegisterMemory));
        operations.Add("unreg_mem", context => RegisterMemory(context, VfioIoctl.IommuSpaprUnregisterMemory));
        operations.Add("tce_create", CreateWindow);
        operations.Add("tce_remove", RemoveWindow);
        operations.Add("eeh", Eeh);
    }

    private static void ShowInfo(ScriptContext context)
    {
        uint asked = context.Option32("argsz", (uint)Unsafe.SizeOf<VfioIommuSpaprTceInfo>());
        VfioIommuSpaprTceInfo info = new() { Argsz = asked };
        KernelResult result = context.Ioctl(VfioIoctl.IommuSpaprTceGetInfo, ref info);
        context.Report(result);
        context.Output.Changed(result, "argsz", asked, info.Argsz);
        context.Output.Changed(result, "flags", 0, info.Flags);
        context.Output.Changed(result, "start32", 0, info.Dma32WindowStart);
        context.Output.Changed(result, "size32", 0, info.Dma32WindowSize);
        context.Output.Changed(result, "pgsizes", 0, info.Ddw.Pgsizes);
        context.Output.Changed(result, "max_windows", 0, info.Ddw.MaxDynamicWindowsSupported);
        context.Output.Changed(result, "levels", 0, info.Ddw.Levels);
    }

    private static void RegisterMemory(ScriptContext context, uint request)
    {
        VfioIommuSpaprRegisterMemory memory = new()
        {
            Argsz = context.Option32("argsz", (uint)Unsafe.SizeOf<VfioIommuSpaprRegisterMemory>()),
            Flags = context.Option32("flags", 0),
            Vaddr = context.Number(1),
            Size = context.Number(2),
        };
        context.Report(context.Ioctl(request, ref memory));
    }

    private static void CreateWindow(ScriptContext context)
    {
        VfioIommuSpaprTceCreate create = new()
        {
            Argsz = context.Option32("argsz", (uint)Unsafe.SizeOf<VfioIommuSpaprTceCreate>()),
            Flags = context.Option32("flags", 0),
            PageShift = context.Option32("page_shift", 12),
            WindowSize = context.Option("window_size", 0),
            Levels = context.Option32("levels", 1),
            Resv1 = context.Option32("resv1", 0),
            Resv2 = context.Option32("resv2", 0),
        };
        KernelResult result = context.Ioctl(VfioIoctl.IommuSpaprTceCreate, ref create);
        context.Report(result);
        context.Output.Changed(result, "start_addr", 0, create.StartAddr);
    }

    private static void RemoveWindow(ScriptContext context)
    {
        VfioIommuSpaprTceRemove remove = new()
        {
            Argsz = context.Option32("argsz", (uint)Unsafe.SizeOf<VfioIommuSpaprTceRemove>()),
            Flags = context.Option32("flags", 0),
            StartAddr = context.Number(1),
        };
        context.Report(context.Ioctl(VfioIoctl.IommuSpaprTceRemove, ref remove));
    }

    private static void Eeh(ScriptContext context)
    {
        bool describes = context.Option("type") is not null || context.Option("func") is not null;
        VfioEehPeOp operation = new()
        {
            Argsz = context.Option32("argsz", describes ? (uint)Unsafe.SizeOf<VfioEehPeOp>() : EehMinimum),
            Flags = context.Option32("flags", 0),
            Op = (uint)context.Number(1),
        };
        operation.Err.Type = context.Option32("type", 0);
        operation.Err.Func = context.Option32("func", 0);
        operation.Err.Addr = context.Option("addr", 0);
        operation.Err.Mask = context.Option("mask", 0);
        context.Report(context.Ioctl(VfioIoctl.EehPeOp, ref operation));
    }
}
