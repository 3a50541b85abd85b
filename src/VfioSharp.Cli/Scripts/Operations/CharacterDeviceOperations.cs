// SPDX-License-Identifier: MIT
using VfioSharp.Abi.Vfio;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>A device opened by its own node: binding to an iommufd, attaching to its address spaces.</summary>
internal static class CharacterDeviceOperations
{
    // The smallest argsz of each: the recorded answers were made with it, later fields stand behind.
    private const uint BindMinimum = 16;
    private const uint AttachMinimum = 12;
    private const uint DetachMinimum = 8;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("bind", Bind);
        operations.Add("attach", Attach);
        operations.Add("detach", Detach);
    }

    private static void Bind(ScriptContext context)
    {
        VfioDeviceBindIommufd bind = new()
        {
            Argsz = context.Option32("argsz", BindMinimum),
            Flags = context.Option32("flags", 0),
            Iommufd = context.Descriptor(1),
            TokenUuidPtr = context.Option("token", 0),
        };
        KernelResult result = context.Ioctl(VfioIoctl.DeviceBindIommufd, ref bind);
        context.Report(result);
        context.Output.Changed(result, "devid", 0, bind.OutDevid);
    }

    private static void Attach(ScriptContext context)
    {
        uint table = (uint)context.Number(1);
        VfioDeviceAttachIommufdPt attach = new()
        {
            Argsz = context.Option32("argsz", AttachMinimum),
            Flags = context.Option32("flags", 0),
            PtId = table,
            Pasid = context.Option32("pasid", 0),
        };
        KernelResult result = context.Ioctl(VfioIoctl.DeviceAttachIommufdPt, ref attach);
        context.Report(result);
        context.Output.Changed(result, "pt_id", table, attach.PtId);
    }

    private static void Detach(ScriptContext context)
    {
        VfioDeviceDetachIommufdPt detach = new()
        {
            Argsz = context.Option32("argsz", DetachMinimum),
            Flags = context.Option32("flags", 0),
            Pasid = context.Option32("pasid", 0),
        };
        context.Report(context.Ioctl(VfioIoctl.DeviceDetachIommufdPt, ref detach));
    }
}
